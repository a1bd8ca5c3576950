const KUBERNETES_UNITS: Readonly<Record<string, number>> = {
  m: 1e-3,
  k: 1e3,
  K: 1e3,
  M: 1e6,
  G: 1e9,
  T: 1e12,
  P: 1e15,
  Ki: 2 ** 10,
  Mi: 2 ** 20,
  Gi: 2 ** 30,
  Ti: 2 ** 40,
  Pi: 2 ** 50,
};

/** `250m`, `1.5`, `512Mi`. Source: Kubernetes, resource.Quantity. */
export function kubernetesQuantity(text: string | undefined): number | undefined {
  const match = /^([+-]?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)([a-zA-Z]*)$/.exec(text ?? '');
  if (!match) return undefined;
  const unit = match[2] ? KUBERNETES_UNITS[match[2]] : 1;
  return unit === undefined ? undefined : Number(match[1]) * unit;
}

const DOCKER_UNITS: Readonly<Record<string, number>> = {
  b: 1,
  k: 2 ** 10,
  m: 2 ** 20,
  g: 2 ** 30,
  t: 2 ** 40,
};

/** `512m`, `1gb`, `536870912`: powers of 1024, as compose reads them. */
export function dockerBytes(text: string | undefined): number | undefined {
  const match = /^(\d+(?:\.\d+)?)\s*([bkmgt]?)(?:i?b)?$/i.exec(text ?? '');
  if (!match) return undefined;
  return Number(match[1]) * (DOCKER_UNITS[(match[2] || 'b').toLowerCase()] ?? 1);
}
