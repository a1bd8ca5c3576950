import type { ServiceRecord } from '#contract/model.ts';
import { shortDigest, shortImage } from '#images/drift.ts';
import type { LogMarker } from '#streams/markers.ts';
import type { SwapLease } from './leases.ts';

type SwapRecord = NonNullable<ServiceRecord['swap']>;

/** By service, for the records. */
export function swapRecords(leases: readonly SwapLease[]): Readonly<Record<string, SwapRecord>> {
  return Object.fromEntries(
    leases.map(({ service, image, shownImage, since, until, debug }) => [
      service,
      { image: shown(shownImage, image), since, until, debug },
    ]),
  );
}

/** What the log says between the lines of the one image and those of the other. */
export function swapMarkers(
  before: readonly SwapLease[],
  after: readonly SwapLease[],
): readonly { readonly service: string; readonly marker: LogMarker }[] {
  const began = after.filter(
    (lease) => !before.some(({ service, image }) => service === lease.service && image === lease.image),
  );
  const ended = before.filter(({ service }) => !after.some((lease) => lease.service === service));
  return [
    ...began.map(({ service, image, shownImage }) => ({
      service,
      marker: {
        type: 'note',
        text: `replaced by production ${shown(shownImage, image)}`,
      } as const,
    })),
    ...ended.map(({ service }) => ({
      service,
      marker: { type: 'note', text: 'back to the local image' } as const,
    })),
  ];
}

/** `acme/api:2.4.1`, and with a digest alone `acme/api@9c1f20a4…`. */
function shown(shownImage: string, image: string): string {
  const short = shortImage(shownImage);
  return short.includes(':') || short.includes('@')
    ? short
    : `${short}@${shortDigest(image.split('@')[1] ?? '')}`;
}
