import { describe, expect, it } from 'vitest';
import { type DumpFilterOptions, dumpFilter } from './dumpFilter.ts';

async function* chunks(text: Buffer, size: number): AsyncIterable<Uint8Array> {
  for (let at = 0; at < text.length; at += size) yield text.subarray(at, at + size);
}

async function run(text: string, options: DumpFilterOptions, size: number): Promise<string> {
  const out: Uint8Array[] = [];
  for await (const chunk of dumpFilter(options)(chunks(Buffer.from(text), size))) out.push(chunk);
  return Buffer.concat(out).toString();
}

const HEAD = `--
-- PostgreSQL database dump
--

\\restrict aB3xY

SET statement_timeout = 0;
SET transaction_timeout = 0;
CREATE DATABASE shop WITH TEMPLATE = template0 ENCODING = 'UTF8' LOCALE_PROVIDER = libc LOCALE = 'en_US.utf8';
`;
const DATA = Array.from({ length: 300 }, (_, row) => `${row}\tSET transaction_timeout = 0;\tnäive 🚢\n`).join(
  '',
);
const BODY = `--\n-- Name: f(); Type: FUNCTION; Schema: public\n--\nCREATE FUNCTION f() AS $$\nSET transaction_timeout = 0;\n$$;\nCOPY t FROM stdin;\n${DATA}\\.\n`;
const DUMP = `${HEAD}${BODY}\n\\unrestrict aB3xY\n\n`;

describe('dumpFilter', () => {
  it.each([1, 2, 7, 100, 4096, 1_000_000])('gives the same result in chunks of %i bytes', async (size) => {
    const out = await run(DUMP, { targetMajor: 13 }, size);
    const head = HEAD.replace('\\restrict aB3xY\n', '')
      .replace('SET transaction_timeout = 0;\n', '')
      .replace(' LOCALE_PROVIDER = libc', '');
    expect(out).toBe(`${head}${BODY}\n\n\n`);
  });

  it('leaves everything to a target that knows it all', async () => {
    const out = await run(DUMP, { targetMajor: 18 }, 50);
    expect(out).toContain('transaction_timeout = 0;\nCREATE DATABASE');
    expect(out).toContain('LOCALE_PROVIDER = libc');
  });

  it('does not create the role that is there, nor say of memberships what an old server cannot read', async () => {
    const roles = `CREATE ROLE shop;\nALTER ROLE shop WITH SUPERUSER;\nCREATE ROLE reader;\nGRANT reader TO shop WITH INHERIT TRUE GRANTED BY postgres;\nGRANT reader TO boss WITH ADMIN OPTION, INHERIT TRUE GRANTED BY shop;\n`;
    expect(await run(roles, { targetMajor: 13, existingRole: 'shop' }, 10)).toBe(
      'ALTER ROLE shop WITH SUPERUSER;\nCREATE ROLE reader;\nGRANT reader TO shop;\nGRANT reader TO boss WITH ADMIN OPTION;\n',
    );
    expect(await run(roles, { targetMajor: 17, existingRole: 'shop' }, 10)).toContain('WITH INHERIT TRUE');
  });
});
