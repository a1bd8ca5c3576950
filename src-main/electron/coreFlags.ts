/**
 * How V8 is told to keep the core small. Young objects get at most 4 MB twice over in place of 16 (64-bit systems): V8 fills
 * what it may have within one boot and does not give it back while nothing happens. Logs are not read slower for it.
 */
export const CORE_FLAGS = ['--max-semi-space-size=4'];

/** The same for a utility process: Electron hands V8 nothing that is not inside `js-flags`. */
export const CORE_ARGUMENTS = [`--js-flags=${CORE_FLAGS.join(' ')}`];
