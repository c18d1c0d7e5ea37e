// The front door of authority: a force's keys, what they certify, sign and open.
export { type Authorities, openAuthorities } from "./authorities.ts";
export { AuthorityError } from "./authority-error.ts";
export { ledgerOrigin } from "./create-authority.ts";
export { ForceAuthority } from "./force-authority.ts";
export { INGEST_KEY_GRACE_MS } from "./ingest-keys.ts";
