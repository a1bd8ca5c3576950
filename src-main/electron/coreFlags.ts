/**
 * How V8 is told to keep the core small. Young objects get at most 4 MB twice over in place of 16 (64-bit systems): V8 fills
 * what it may have within one boot and does not give it back while nothing happens. Reading logs is not slower for it, see
 * docs/decisions.
 */
export const CORE_FLAGS = ['--max-semi-space-size=4'];
