/** How the engine is reached, in two words. */
export function describeEndpoint(endpoint: string): string {
  const [scheme, rest = ''] = endpoint.split('://');
  if (scheme === 'unix') return 'unix socket';
  if (scheme === 'npipe') return 'named pipe';
  return rest.split('/')[0] || endpoint;
}
