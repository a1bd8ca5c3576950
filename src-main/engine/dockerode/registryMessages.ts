import type { AppError } from '#contract/errors.ts';
import type { About } from './errors.ts';

const HUB = 'docker.io';

/**
 * What a registry said, as the engine retells it. Sources: the error codes of the OCI distribution specification
 * (`toomanyrequests`, `denied`, `unauthorized`, `manifest unknown`) and Go's net and crypto/x509 for the way there.
 */
export function registryFailure(message: string, about: About): AppError | undefined {
  const image = about.image;
  if (image === undefined) return undefined;
  const registry = registryOf(image);
  return (
    rateLimited(message, image, registry) ??
    loginFailure(message, image, registry) ??
    absent(message, image) ??
    corrupt(message, image) ??
    unreachableRegistry(message, registry)
  );
}

/** The registry in a reference: what stands before the first slash, where it looks like a host. */
export function registryOf(reference: string): string {
  const [first = '', ...rest] = reference.split('/');
  return rest.length > 0 && /[.:]|^localhost$/.test(first) ? first : HUB;
}

function rateLimited(message: string, image: string, registry: string): AppError | undefined {
  if (!/toomanyrequests|too many requests|rate limit/i.test(message)) return undefined;
  return {
    kind: 'image.rateLimited',
    image,
    registry,
    message: `${registry} lets no more pulls through for now.`,
    hint: `Log in to ${registry}: it counts pulls per account then, or wait.`,
  };
}

function loginFailure(message: string, image: string, registry: string): AppError | undefined {
  if (/token has expired|expired token|authorization token.*expired/i.test(message)) {
    return {
      kind: 'image.expiredLogin',
      image,
      registry,
      message: `The login to ${registry} has expired.`,
      hint: `Log in to ${registry} again.`,
    };
  }
  const refused =
    /no basic auth credentials|unauthorized|authentication required|access.*denied|denied:|status.*: 40[13]/i;
  if (!refused.test(message)) return undefined;
  // Docker Hub does not tell a private repository from one that does not exist; a misspelt name is far more common.
  if (registry === HUB && /repository does not exist/.test(message)) {
    return {
      kind: 'image.notFound',
      image,
      message: `${registry} has no public image ${image}.`,
      hint: 'Check its name; if it is private, log in first.',
    };
  }
  return {
    kind: 'image.denied',
    image,
    registry,
    message: `${registry} does not let this user have ${image}.`,
    hint: `Log in to ${registry} with an account that may read it.`,
  };
}

function absent(message: string, image: string): AppError | undefined {
  if (
    !/manifest unknown|manifest for .* not found|name unknown|repository .*not found|: not found\s*$/i.test(
      message,
    )
  ) {
    return undefined;
  }
  return {
    kind: 'image.notFound',
    image,
    message: `There is no image ${image}.`,
    hint: 'Check its name and its tag.',
  };
}

function corrupt(message: string, image: string): AppError | undefined {
  if (
    !/layer verification failed|manifest verification failed|invalid checksum|unexpected commit digest/i.test(
      message,
    )
  ) {
    return undefined;
  }
  return {
    kind: 'image.corrupt',
    image,
    message: `What came for ${image} is not what the registry promised.`,
  };
}

function unreachableRegistry(message: string, registry: string): AppError | undefined {
  const reason = wayThere(message);
  if (reason === undefined) return undefined;
  return {
    kind: 'registry.unreachable',
    registry,
    reason,
    message: `The engine cannot reach ${registry}: ${message.trim()}`,
  };
}

function wayThere(message: string): 'network' | 'tls' | 'proxy' | 'protocol' | undefined {
  if (/server gave HTTP response to HTTPS client|malformed HTTP response/i.test(message)) return 'protocol';
  if (/proxyconnect|Proxy Authentication Required/i.test(message)) return 'proxy';
  if (/x509:|tls:|certificate/i.test(message)) return 'tls';
  const network =
    /dial (?:tcp|unix)|no such host|i\/o timeout|connection refused|network is unreachable|Client\.Timeout|context deadline exceeded|TLS handshake timeout/i;
  return network.test(message) ? 'network' : undefined;
}
