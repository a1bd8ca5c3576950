import { perObject } from '#base/perObject.ts';
import type { Project } from '#compose/project.ts';
import type { MiddlewareProfile } from '#middleware/profile.ts';
import { type Recognised, recognise } from '#middleware/profiles.ts';

/** Many services share an image, and every look at the stack asks for all of them. */
const recognisedIn = perObject((_project: Project) => {
  const known = new Map<string, Recognised | undefined>();
  return (image: string | undefined, declared: string | undefined) => {
    const key = `${declared ?? ''}\n${image ?? ''}`;
    if (!known.has(key)) known.set(key, recognise(image, declared));
    return known.get(key);
  };
});

/** Which product a service is; one that is built here is one only when the file says so (`x-slipway: { middleware: … }`). */
export function middlewareOf(project: Project, name: string): Recognised | undefined {
  const service = project.services[name] ?? project.disabledServices[name];
  const declared = declaredMiddleware(project.serviceExtensions[name]);
  if (service === undefined || (service.build !== undefined && declared === undefined)) return undefined;
  return recognisedIn(project)(service.image, declared);
}

export function middlewareProfile(project: Project, name: string): MiddlewareProfile | undefined {
  return middlewareOf(project, name)?.profile;
}

function declaredMiddleware(extensions: Readonly<Record<string, unknown>> | undefined): string | undefined {
  const ours = extensions?.['x-slipway'];
  if (typeof ours !== 'object' || ours === null || !('middleware' in ours)) return undefined;
  return typeof ours.middleware === 'string' ? ours.middleware : undefined;
}
