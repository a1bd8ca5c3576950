import type { VersionChange } from '../profile.ts';
import { variantFamily } from '../version.ts';

/** What people run into when they change the version of Postgres, said before they do. */
export function postgresTraps({ from, to, data }: VersionChange): readonly string[] {
  const found: string[] = [];
  const [before = 0, after = 0] = [from.numbers[0], to.numbers[0]];
  if (data === 'none' && from.variant !== to.variant && sortsAnew(from.variant, to.variant))
    found.push(
      'This image sorts text by another library: rebuild the text indexes after the switch (in the menu of the service, or slipway reindex), or queries may miss rows.',
    );
  if (data === 'resume')
    found.push('A password that was changed in the compose file since then is not the one in that data.');
  if (data === 'carry' && after >= 15 && before < 15)
    found.push('Since 15 only the owner may create tables in schema public; what was allowed stays allowed.');
  return found;
}

/** Alpine has another C library than Debian, and each release of Debian another version of it. */
function sortsAnew(before: string, after: string): boolean {
  if (variantFamily(before) !== variantFamily(after)) return true;
  const release = (variant: string) => /bookworm|bullseye|buster|trixie|forky/.exec(variant)?.[0];
  return release(before) !== release(after);
}
