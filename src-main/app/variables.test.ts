import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { exampleValues, writeVariables } from './variables.ts';

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'slipway-variables-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));
const file = () => path.join(folder, '.env');

describe('writeVariables', () => {
  it('appends, and never touches a value that is there', async () => {
    await writeFile(file(), 'A=1');
    await writeVariables(file(), { A: '2', B: 'two words', C: "it's $5\n" });
    expect(await readFile(file(), 'utf8')).toBe("A=1\nB='two words'\nC=\"it's \\$5\\n\"\n");
  });

  it('refuses what is no name, and then writes nothing', async () => {
    await expect(writeVariables(file(), { OK: '1', 'A\nB': 'x' })).rejects.toMatchObject({
      error: { kind: 'input.invalid' },
    });
    await expect(readFile(file())).rejects.toThrow();
  });
});

describe('exampleValues', () => {
  it('reads the first example file there is', async () => {
    await writeFile(
      path.join(folder, '.env.example'),
      '# database\nexport DB_PASSWORD="change me" # soon\nPORT=80 # web\n',
    );
    expect(await exampleValues(folder)).toMatchObject({ values: { DB_PASSWORD: 'change me', PORT: '80' } });
  });

  it('finds nothing where there is none', async () => {
    expect(await exampleValues(folder)).toBeUndefined();
  });
});
