import { oc, type } from '@orpc/contract';
import { z } from 'zod';
import type { AppError } from '../errors.ts';

/** Every request can fail with one typed error whose data is the AppError; anything else is a bug in the transport. */
export const procedure = oc.errors({ APP: { status: 422, data: type<AppError>() } });

/** Ids and names from a reader are checked for length only; what they mean is checked where they are used. */
export const text = z.string().min(1).max(4096);
export const workspaceInput = z.object({ workspace: text });
export const serviceInput = workspaceInput.extend({ service: text });
/** Empty or absent: every service. */
export const servicesInput = workspaceInput.extend({ services: z.array(text).max(1000).optional() });
