import { describe, expect, it } from 'vitest';
import type { RunId, WorkspaceId } from '#contract/ids.ts';
import type { RunRecord, StepRecord } from '#contract/runModel.ts';
import { Bars, bar } from './bars.ts';
import { Lines } from './lines.ts';

const ids = { workspace: 'w' as WorkspaceId };
const run: RunRecord = {
  type: 'run',
  ...ids,
  id: 'r' as RunId,
  kind: 'boot',
  title: 'Boot',
  services: [],
  status: { type: 'running' },
  startedAt: 0,
  steps: 2,
  stepsDone: 0,
};
const pull: StepRecord = {
  type: 'step',
  ...ids,
  run: 'r' as RunId,
  index: 1,
  kind: 'pull',
  label: 'pull redis:7.0',
  cause: 'image is not here',
  after: [],
  status: 'running',
  startedAt: 0,
};

describe('progress', () => {
  it('draws a bar of bytes', () => {
    expect(bar({ current: 15e6, total: 30e6, unit: 'bytes' })).toBe(
      `[${'█'.repeat(12)}${' '.repeat(12)}] 15 MB of 30 MB`,
    );
    expect(bar({ current: 3, unit: 'steps', text: 'step 3' })).toBe('step 3');
  });

  it('prints a line when a long step begins and one when it ends, each once', () => {
    const notes: string[] = [];
    const lines = new Lines({ note: (text) => notes.push(text) });
    const done = { ...pull, status: 'done', finishedAt: 1_500 } as const;
    for (const step of [pull, pull, done, done]) lines.show(run, [step]);
    expect(notes).toEqual(['… pull redis:7.0', '✓ pull redis:7.0 (1.5 s)']);
  });

  it('says what a step that is done fell back on', () => {
    const notes: string[] = [];
    const note = 'kept the image that is here: no network';
    new Lines({ note: (text) => notes.push(text) }).show(run, [
      { ...pull, status: 'done', finishedAt: 1_500, note },
    ]);
    expect(notes).toEqual(['✓ pull redis:7.0 (1.5 s), kept the image that is here: no network']);
  });

  it('leaves the cursor visible and what has ended on screen', () => {
    let drawn = '';
    const bars = new Bars({ columns: 80, draw: (text) => (drawn += text) });
    bars.show(run, [pull]);
    bars.show({ ...run, status: { type: 'done' } }, [{ ...pull, status: 'done', finishedAt: 1_500 }]);
    bars.end();
    expect(drawn).toContain('✓ pull redis:7.0 1.5 s\n');
    expect(drawn.endsWith('\u001b[?25h')).toBe(true);
  });
});
