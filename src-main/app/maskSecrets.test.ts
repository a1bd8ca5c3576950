import { describe, expect, it } from 'vitest';
import { MASK, masked } from './maskSecrets.ts';

describe('masked', () => {
  it.each([
    [
      { POSTGRES_PASSWORD: 'x', POSTGRES_USER: 'ada' },
      { POSTGRES_PASSWORD: MASK, POSTGRES_USER: 'ada' },
    ],
    [
      ['API_KEY=abc', 'PATH=/bin', 'JWT_SECRET='],
      [`API_KEY=${MASK}`, 'PATH=/bin', 'JWT_SECRET='],
    ],
    [{ url: 'postgres://ada:pw@db:5432/shop' }, { url: `postgres://ada:${MASK}@db:5432/shop` }],
    [{ deep: [{ token: 't', tokens: 3 }] }, { deep: [{ token: MASK, tokens: 3 }] }],
    [{ Env: ['DATABASE_URL=mysql://u:p@h/d'] }, { Env: [`DATABASE_URL=mysql://u:${MASK}@h/d`] }],
    [
      { image: 'secret-service:1', none: null },
      { image: 'secret-service:1', none: null },
    ],
  ])('%j', (value, expected) => expect(masked(value)).toEqual(expected));
});
