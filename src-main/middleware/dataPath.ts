import { parseImageReference } from '#base/imageReference.ts';
import type { Carry, DataProfile, Environment } from './profile.ts';
import type { Version } from './version.ts';

/** Bitnami's images (and their legacy copies) keep every product's data in a folder of their own and have other variables. */
const BITNAMI = /(?:^|\/)bitnami(?:legacy|secure)?\/([\w-]+)$/;

/** Where an image of a product keeps its data: where the user put it, where this image's makers put it, or the official place. */
export function dataPath(
  data: DataProfile,
  {
    image,
    environment,
    version,
  }: { readonly image: string; readonly environment: Environment; readonly version: Version },
): string {
  const own = data.directoryVariable === undefined ? undefined : environment[data.directoryVariable];
  return own || bitnamiPath(image) || data.mountPath(version);
}

function bitnamiPath(image: string): string | undefined {
  const product = BITNAMI.exec(parseImageReference(image)?.repository ?? '')?.[1];
  return product && `/bitnami/${product}`;
}

/** How data is carried between two images; undefined, with a word on why, where it cannot be. */
export function carryBetween(
  data: DataProfile | undefined,
  images: readonly string[],
): { readonly carry?: Carry | undefined; readonly why?: string | undefined } {
  if (images.some((image) => bitnamiPath(image) !== undefined))
    return {
      why: 'A carry needs the layout and the variables of the official image; Bitnami’s has its own.',
    };
  return { carry: data?.carry, why: data?.whyNoCarry };
}
