import { implement, ORPCError } from '@orpc/server';
import { type AppError, AppFailure, toAppError } from '#contract/errors.ts';
import { contract } from '#contract/requests.ts';

/** The contract's `APP` error: the one way in which a request fails. */
export function wireError(thrown: unknown): ORPCError<'APP', AppError> {
  const error = toAppError(thrown);
  return new ORPCError('APP', { status: 422, message: error.message, data: error, cause: thrown });
}

/** Where every handler begins: `requests.stack.boot.handler(…)`. What it throws reaches the reader as data. */
export const requests = implement(contract).use(async ({ next }) => {
  try {
    return await next();
  } catch (thrown) {
    // What oRPC throws itself (an input that does not fit) is typed already.
    throw thrown instanceof ORPCError ? thrown : wireError(thrown);
  }
});

/** A feed whose failure, in the middle, reaches the reader as data too. */
export async function* failing<T>(source: AsyncIterable<T>): AsyncGenerator<T, void, void> {
  try {
    yield* source;
  } catch (thrown) {
    throw thrown instanceof ORPCError ? thrown : wireError(thrown);
  }
}

/** The failure of a request that names something that is not there. */
export function missing(what: string, message: string): AppFailure {
  return new AppFailure({ kind: 'notFound', what, message });
}
