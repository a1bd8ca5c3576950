import { z } from 'zod';
import { AppFailure } from '#contract/errors.ts';
import type { CheckpointReason, CheckpointView } from '#contract/requests/data.ts';
import { CHECKSUM } from './checksum.ts';

const volume = z.preprocess(
  withChecksum,
  z.object({
    name: z
      .string()
      .min(1)
      .max(255)
      .regex(/^[a-zA-Z0-9][\w.-]*$/),
    services: z.array(z.string().max(255)).max(1000),
    labels: z.record(z.string(), z.string()),
    /** Name of the file beside the manifest. */
    file: z.string().regex(/^volume-\d{1,4}$/),
    encoding: z.enum(['none', 'zstd', 'gzip']),
    bytes: z.number().int().nonnegative(),
    storedBytes: z.number().int().nonnegative(),
    checksum: z.string().regex(CHECKSUM),
  }),
);

/** Checkpoints of before have a field `sha256` in its place. */
function withChecksum(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || !('sha256' in value)) return value;
  const { sha256, ...rest } = value;
  return { checksum: `sha256:${sha256}`, ...rest };
}

const manifest = z.object({
  version: z.literal(1),
  id: z.string().regex(/^[\w-]{1,64}$/),
  name: z.string().max(200),
  reason: z.enum(['asked', 'down', 'restore', 'reset', 'recreated', 'removed', 'imported']),
  createdAt: z.number(),
  keptUntil: z.number().optional(),
  seed: z.boolean(),
  project: z.string().max(255),
  services: z
    .array(
      z.object({
        name: z.string().max(255),
        image: z.string().max(1024),
        /** What exactly ran: the image's id on that engine, and its digest in the registry where it has one. */
        imageId: z.string().max(255).optional(),
        digest: z.string().max(1024).optional(),
      }),
    )
    .max(1000),
  /** Slipway's override as it was: which versions and lanes were in use. */
  override: z
    .string()
    .max(1024 * 1024)
    .optional(),
  volumes: z.array(volume).max(1000),
});

/** What a checkpoint's `manifest.json` says: all that is needed to put it back, and nothing secret. */
export type Checkpoint = Readonly<z.infer<typeof manifest>>;
export type CheckpointVolume = Checkpoint['volumes'][number];

/** How long the bin keeps what was deleted: long enough to come back from a weekend. */
const BIN_MS = 7 * 24 * 60 * 60 * 1000;

/** When a checkpoint goes by itself; undefined for one that somebody asked for. */
export function keptUntil(reason: CheckpointReason, createdAt: number): number | undefined {
  return reason === 'asked' || reason === 'imported' ? undefined : createdAt + BIN_MS;
}

/** Throws `input.invalid`: the text may come from a file that somebody sent. */
export function parseCheckpoint(text: string): Checkpoint {
  const result = manifest.safeParse(jsonOf(text));
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  throw new AppFailure({
    kind: 'input.invalid',
    message: `This is not a checkpoint that this Slipway can read (${issue?.path.join('.')}: ${issue?.message}).`,
  });
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (thrown) {
    if (thrown instanceof SyntaxError) return undefined;
    throw thrown;
  }
}

export function checkpointView(checkpoint: Checkpoint): CheckpointView {
  const { id, name, reason, createdAt, keptUntil: until, seed, project, services, volumes } = checkpoint;
  return {
    id,
    name,
    reason,
    createdAt,
    keptUntil: until,
    seed,
    project,
    services: services.map(({ name: service, image }) => ({ name: service, image })),
    volumes: volumes.map(({ name: volumeName, services: users, bytes }) => ({
      name: volumeName,
      services: users,
      bytes,
    })),
    storedBytes: volumes.reduce((sum, { storedBytes }) => sum + storedBytes, 0),
  };
}
