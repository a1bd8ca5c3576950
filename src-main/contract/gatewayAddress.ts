/** Free on most machines, and easy to remember. */
export const GATEWAY_PORT = 7080;

/** Where the gateway answers for a service: names below `localhost` lead to this machine in every browser. */
export function gatewayAddress(at: {
  readonly service: string;
  readonly project: string;
  readonly port: number;
}): string {
  return `http://${at.service}.${at.project}.localhost${at.port === 80 ? '' : `:${at.port}`}/`.toLowerCase();
}
