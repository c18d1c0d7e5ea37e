// Certificates of the evidence format: issuing, reading, paths and revocation.
export * from "./issue.ts";
export { type ParsedCertificate, parseCertificate } from "./parse.ts";
export * from "./pem.ts";
export { type CertificateRole, ROLES } from "./profile.ts";
export * from "./revocation.ts";
export * from "./validate-path.ts";
