import { spawn } from 'node:child_process';

/** Each compilation has the types of its own world only; all run side by side. */
const PROJECTS = [
  'tsconfig.pure.json',
  'tsconfig.json',
  'src-renderer/tsconfig.json',
  'test/e2e/tsconfig.json',
];

function check(project: string): Promise<number> {
  return new Promise((resolve) => {
    const child = spawn('tsc', ['-p', project, '--pretty', 'false'], { stdio: 'inherit' });
    child.on('exit', (code) => resolve(code ?? 1));
  });
}

const codes = await Promise.all(PROJECTS.map(check));
process.exit(codes.every((code) => code === 0) ? 0 : 1);
