import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';

/**
 * `npm test`: everything, as CI runs it. Installs what it needs and says so. Checks that need no engine run side by side
 * with the preparation of the engine and the images; then the engine tests beside the end-to-end list.
 * Ends with `N passed, N failed` and exits 1 when anything failed.
 */
interface Count {
  passed: number;
  failed: number;
  skipped: number;
}

const RESULTS = path.resolve('test-results');
/** `yes` once everything is built: the end-to-end list need not build again, and the command line runs as it is installed. */
let builtParts = '';
const total: Count = { passed: 0, failed: 0, skipped: 0 };

function run(command: string, args: readonly string[], env: Record<string, string> = {}): Promise<number> {
  return new Promise((resolve) => {
    const child = spawn(command, args, {
      stdio: ['ignore', 'inherit', 'inherit'],
      env: { ...process.env, ...env },
    });
    child.on('error', (error) => {
      console.error(`${command}: ${error.message}`);
      resolve(1);
    });
    child.on('exit', (code) => resolve(code ?? 1));
  });
}

/** A check without counts of its own: one passed or one failed. */
async function check(name: string, command: string, args: readonly string[]): Promise<boolean> {
  const begun = performance.now();
  const code = await run(command, args);
  const good = code === 0;
  if (good) total.passed += 1;
  else total.failed += 1;
  console.log(`== ${name}: ${good ? 'passed' : `FAILED (exit ${code})`} in ${seconds(begun)} s`);
  return good;
}

function seconds(begun: number): string {
  return ((performance.now() - begun) / 1000).toFixed(1);
}

interface VitestReport {
  testResults: readonly { name: string; startTime: number; endTime: number }[];
  numPassedTests: number;
  numFailedTests: number;
  numPendingTests: number;
  numFailedTestSuites: number;
  success: boolean;
}

/** How many files are named with the time they took. */
const LONGEST_SHOWN = 12;

async function vitest(project: string, env: Record<string, string> = {}): Promise<void> {
  const report = path.join(RESULTS, `${project}.json`);
  const begun = performance.now();
  const reporters = ['--reporter=dot', '--reporter=json', `--outputFile.json=${report}`];
  const code = await run('vitest', ['run', '--project', project, ...reporters], env);
  addVitest(project, report, code);
  console.log(
    `== ${project} tests: ${code === 0 ? 'passed' : `FAILED (exit ${code})`} in ${seconds(begun)} s`,
  );
}

function addVitest(project: string, report: string, code: number): void {
  if (!existsSync(report)) {
    total.failed += 1;
    console.error(`${project}: the runner wrote no report`);
    return;
  }
  const counts = JSON.parse(readFileSync(report, 'utf8')) as VitestReport;
  tellLongest(counts);
  total.passed += counts.numPassedTests;
  total.failed += counts.numFailedTests;
  total.skipped += counts.numPendingTests;
  // A file that could not be loaded, or a leak found after the last test, fails no test of its own.
  if (code !== 0 && counts.numFailedTests === 0) total.failed += Math.max(1, counts.numFailedTestSuites);
}

/** Where the time goes, so that whoever finds the run too long knows where to begin. */
function tellLongest({ testResults }: VitestReport): void {
  const seconds = testResults.map(({ name, startTime, endTime }) => ({
    name: path.relative('.', name),
    took: (endTime - startTime) / 1000,
  }));
  const longest = seconds.sort((left, right) => right.took - left.took).slice(0, LONGEST_SHOWN);
  console.log(longest.map(({ name, took }) => `${took.toFixed(1).padStart(8)} s  ${name}`).join('\n'));
}

interface PlaywrightReport {
  stats: { expected: number; unexpected: number; flaky: number; skipped: number };
}

async function endToEnd(): Promise<void> {
  const report = path.join(RESULTS, 'e2e.json');
  const begun = performance.now();
  const code = await run('node', ['scripts/e2e.ts'], {
    SLIPWAY_E2E_REPORT: report,
    SLIPWAY_E2E_BUILT: builtParts,
  });
  if (existsSync(report)) {
    const { stats } = JSON.parse(readFileSync(report, 'utf8')) as PlaywrightReport;
    total.passed += stats.expected;
    total.failed += stats.unexpected + stats.flaky;
    total.skipped += stats.skipped;
    if (code !== 0 && stats.unexpected + stats.flaky === 0) total.failed += 1;
  } else {
    total.failed += 1;
    console.error('e2e: the runner wrote no report');
  }
  console.log(`== end-to-end: ${code === 0 ? 'passed' : `FAILED (exit ${code})`} in ${seconds(begun)} s`);
}

async function withoutEngine(): Promise<void> {
  await Promise.all([
    check('lint', 'biome', ['check', '--error-on-warnings', '.']),
    check('layers', 'node', ['scripts/layers.ts']),
    check('types', 'node', ['scripts/types.ts']),
  ]);
  await vitest('unit');
  if (await check('build', 'node', ['scripts/build.ts'])) builtParts = 'yes';
}

rmSync(RESULTS, { recursive: true, force: true });
mkdirSync(RESULTS, { recursive: true });
const [hubIsUp] = await Promise.all([check('hub', 'node', ['test/hub/main.ts']), withoutEngine()]);
if (hubIsUp) {
  await vitest('engine', builtParts === '' ? {} : { SLIPWAY_BUILT_CLI: path.resolve('dist/cli/main.js') });
  // Not beside them: a window that gets no processor is slow in ways that no reader of a failure can tell from a fault.
  await endToEnd();
} else {
  console.error('The engine or its images could not be prepared: engine and end-to-end tests were not run.');
}
const skipped = total.skipped > 0 ? `, ${total.skipped} skipped` : '';
console.log(`${total.passed} passed, ${total.failed} failed${skipped}`);
process.exit(total.failed === 0 ? 0 : 1);
