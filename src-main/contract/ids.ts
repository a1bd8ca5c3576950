/** A project that is open in Slipway: the hash of its folder and files. Stable across starts. */
export type WorkspaceId = string & { readonly __brand: 'WorkspaceId' };
/** A service's name in its compose file. */
export type ServiceName = string & { readonly __brand: 'ServiceName' };
/** The engine's 64 hexadecimal digits. */
export type ContainerId = string & { readonly __brand: 'ContainerId' };
/** `sha256:…`, the id of an image's configuration on this engine. */
export type ImageId = string & { readonly __brand: 'ImageId' };
/** One piece of work that the user asked for: a boot, a stop, a switch. */
export type RunId = string & { readonly __brand: 'RunId' };
/** A shell or client that lives in the core, whoever looks at it. */
export type SessionId = string & { readonly __brand: 'SessionId' };
