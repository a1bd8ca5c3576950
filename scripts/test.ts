import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';

/**
 * `npm test`: everything, as CI runs it. Installs what it needs and says so. Checks that need no engine run side by side
 * with the preparation of the engine and the images; then the engine tests, then the end-to-end list.
 * Ends with `N passed, N failed` and exits 1 when anything failed.
 */
interface Count {
  passed: number;
  failed: number;
  skipped: number;
}

const RESULTS = path.resolve('test-results');
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
  numPassedTests: number;
  numFailedTests: number;
  numPendingTests: number;
  numFailedTestSuites: number;
  success: boolean;
}

async function vitest(project: string): Promise<void> {
  const report = path.join(RESULTS, `${project}.json`);
  const begun = performance.now();
  const code = await run('vitest', [
    'run',
    '--project',
    project,
    '--reporter=dot',
    '--reporter=json',
    `--outputFile.json=${report}`,
  ]);
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
  total.passed += counts.numPassedTests;
  total.failed += counts.numFailedTests;
  total.skipped += counts.numPendingTests;
  // A file that could not be loaded, or a leak found after the last test, fails no test of its own.
  if (code !== 0 && counts.numFailedTests === 0) total.failed += Math.max(1, counts.numFailedTestSuites);
}

interface PlaywrightReport {
  stats: { expected: number; unexpected: number; flaky: number; skipped: number };
}

async function endToEnd(): Promise<void> {
  const report = path.join(RESULTS, 'e2e.json');
  const begun = performance.now();
  const code = await run('node', ['scripts/e2e.ts'], { SLIPWAY_E2E_REPORT: report });
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
  await check('build', 'node', ['scripts/build.ts']);
}

rmSync(RESULTS, { recursive: true, force: true });
mkdirSync(RESULTS, { recursive: true });
const [hubIsUp] = await Promise.all([check('hub', 'node', ['test/hub/main.ts']), withoutEngine()]);
if (hubIsUp) {
  await vitest('engine');
  await endToEnd();
} else {
  console.error('The engine or its images could not be prepared: engine and end-to-end tests were not run.');
}
const skipped = total.skipped > 0 ? `, ${total.skipped} skipped` : '';
console.log(`${total.passed} passed, ${total.failed} failed${skipped}`);
process.exit(total.failed === 0 ? 0 : 1);
