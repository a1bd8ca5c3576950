import type { BuildOutput } from '../builds.ts';
import { type BuildTrace, decodeTrace, type TraceVertex } from './buildkitTrace.ts';
import { type Raw, text } from './raw.ts';

/** BuildKit's traces as build output: a step per vertex, in the order it tells of them. */
export class BuildkitOutput {
  /** Vertexes that have begun and not ended. BuildKit repeats itself, and some begin a second time. */
  readonly #open = new Set<string>();
  readonly #ended = new Map<string, number>();
  /** BuildKit sends the id itself. */
  readonly builtId = '';

  read(raw: Raw): BuildOutput[] {
    if (raw['id'] !== 'moby.buildkit.trace') return [];
    return this.readTrace(decodeTrace(text(raw['aux'])));
  }

  /** The vertex that failed has said so itself. */
  finish(): BuildOutput[] {
    return [];
  }

  readTrace(trace: BuildTrace): BuildOutput[] {
    return [
      ...trace.vertexes.flatMap((vertex) => this.#step(vertex)),
      ...trace.statuses
        .filter((status) => status.total > 0)
        .map((status) => ({
          type: 'progress' as const,
          id: status.vertex,
          name: status.name,
          current: status.current,
          total: status.total,
        })),
      ...trace.logs.map(({ vertex, bytes }) => ({ type: 'log' as const, id: vertex, bytes })),
    ];
  }

  #step(vertex: TraceVertex): BuildOutput[] {
    const { digest: id, name, cached, started, completed } = vertex;
    if (started === undefined) return [];
    if (completed !== undefined && this.#ended.get(id) === completed) return [];
    const outputs: BuildOutput[] = [];
    if (!this.#open.has(id)) {
      this.#open.add(id);
      this.#ended.delete(id);
      outputs.push({ type: 'step', id, name, status: 'started', cached: false });
    }
    if (completed === undefined) return outputs;
    this.#open.delete(id);
    this.#ended.set(id, completed);
    const durationMs = Math.round(completed - started);
    const done = { type: 'step', id, name, cached, durationMs } as const;
    outputs.push(
      vertex.error === '' ? { ...done, status: 'done' } : { ...done, status: 'failed', error: vertex.error },
    );
    return outputs;
  }
}
