import { describe, expect, it } from 'vitest';
import { estimateCarry, learnCarry, parseRates } from './carryRates.ts';

const MIB = 1024 * 1024;

describe('the estimate of a carry', () => {
  it('grows with the data and begins before anything was learned', () => {
    expect(estimateCarry({}, 'postgres', 0)).toBe(5_000);
    expect(estimateCarry({}, 'postgres', 200 * MIB)).toBe(15_000);
  });

  it('moves towards what carries of that product take here', () => {
    let rates = {};
    for (let carry = 0; carry < 12; carry += 1)
      rates = learnCarry(rates, 'postgres', { bytes: 100 * MIB, movedMs: 1_000, totalMs: 3_000 });
    expect(estimateCarry(rates, 'postgres', 100 * MIB)).toBeCloseTo(3_000, -2);
    expect(estimateCarry(rates, 'redis', 0)).toBe(5_000);
  });

  it('does not take the pace of servers for the pace of little data', () => {
    const rates = learnCarry({}, 'redis', { bytes: 1_000, movedMs: 2_000, totalMs: 5_000 });
    expect(rates['redis']).toEqual({ bytesPerSecond: 20 * MIB, overheadMs: 4_000 });
  });

  it('begins anew where its file is broken', () => {
    expect(parseRates('{"postgres":')).toEqual({});
    expect(parseRates(undefined)).toEqual({});
  });
});
