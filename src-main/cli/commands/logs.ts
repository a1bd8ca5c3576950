import type { Action } from '../program.ts';

/** `slipway logs [SERVICE…]` */
export const logs: Action<object> = async () => 1;
