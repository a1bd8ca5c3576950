import path from 'node:path';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/**
 * The files of the engine project that take longest, the longest first: a long one that begins last keeps one worker busy while
 * the others have nothing to do. The order is all that is said here; a file that is not named, or is gone, does no harm.
 * `npm test` prints which files took longest.
 */
const LONGEST = [
  'scenarios/boot-ready/scenario',
  'engine/middleware/torn',
  'engine/cli/cli',
  'scenarios/predictor/scenario',
  'scenarios/campus/scenario',
  'engine/middleware/mariadb',
  'engine/production/production',
  'engine/middleware/postgres',
  'scenarios/discovery/scenario',
  'conformance/docker',
  'scenarios/boot-cut/scenario',
  'scenarios/hot-swap/scenario',
  'scenarios/rolling/scenario',
  'scenarios/boot-faults/scenario',
  'engine/production/registries',
  'engine/production/share',
  'scenarios/boot-failures/scenario',
  'scenarios/boot-changes/scenario',
  'scenarios/boot-history/scenario',
  'engine/app/core',
  'scenarios/boot-middleware/scenario',
  'engine/middleware/relatives',
  'scenarios/year-2014/scenario',
  'scenarios/peace/scenario',
];

/** Longest first, then as Vitest would. */
export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    const rank = ({ moduleId }: TestSpecification) => {
      const name = path.relative(path.resolve('test'), moduleId).replace(/\.test\.ts$/, '');
      const at = LONGEST.indexOf(name.split(path.sep).join('/'));
      return at < 0 ? LONGEST.length : at;
    };
    return sorted.toSorted((left, right) => rank(left) - rank(right));
  }
}
