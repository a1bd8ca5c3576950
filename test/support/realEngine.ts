import { inject } from 'vitest';
import { openEngine } from '#engine/dockerode/dockerodeEngine.ts';
import { type EngineEndpoint, parseEngineAddress } from '#engine/endpoints.ts';
import type { Engine } from '#engine/engine.ts';
import './world.ts';

/** The engine that the world set-up found or started. */
export function testEndpoint(): EngineEndpoint {
  const url = inject('engineHost');
  const address = parseEngineAddress(url);
  if (address === undefined) throw new Error(`the world gave no engine: ${url}`);
  return { address, url, source: 'test', explicit: true };
}

/** A connection of its own to the real engine; close it. */
export function openTestEngine(): Promise<Engine> {
  return openEngine(testEndpoint());
}
