// The vault: encryption at rest, the keys, and the bytes. `@sworn/vault/floe` and `@sworn/vault/envelope`
// give those parts without any file system.

export { VaultError } from "./errors.ts";
export type { VaultErrorCode } from "./errors.ts";
export * from "./floe/index.ts";
export * from "./envelope.ts";
export { WRAPPED_KEY_BYTES, unwrapUnder, wrapUnder } from "./key-wrap.ts";
