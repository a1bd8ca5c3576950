import { readFile, writeFile } from 'node:fs/promises';
import os from 'node:os';

const FILE = new URL('../../docs/measurements.md', import.meta.url);
const TITLE =
  '# Measurements\n\nWritten by the runs themselves. A section is replaced by the next run of its command.\n';

/** Replaces the section of one command, or adds it; the others stay as they are. */
export async function recordMeasurement(section: {
  readonly title: string;
  readonly command: string;
  readonly body: string;
}): Promise<void> {
  const before = await readFile(FILE, 'utf8').catch(() => TITLE);
  const [head = TITLE, ...sections] = before.split(/^(?=## )/m);
  const others = sections.filter((text) => !text.startsWith(`## ${section.title}\n`));
  const all = [...others.map((text) => text.trim()), sectionText(section)].sort();
  await writeFile(FILE, `${head.trim()}\n\n${all.join('\n\n')}\n`);
}

function sectionText({ title, command, body }: Parameters<typeof recordMeasurement>[0]): string {
  const date = new Date().toISOString().slice(0, 10);
  return `## ${title}\n\n\`${command}\`, ${date}, ${machine()}\n\n${body.trim()}`;
}

/** The class of machine, and how busy it was with other things: enough to judge the figures by. */
function machine(): string {
  const memory = Math.round(os.totalmem() / 2 ** 30);
  const load = os.loadavg()[0]?.toFixed(1);
  return `${os.cpus().length} cores, ${memory} GiB, ${os.platform()} ${os.arch()}, Node ${process.versions.node}, load ${load} when it ended.`;
}
