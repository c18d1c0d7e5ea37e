// What retention stands on, each as narrow as it is used. The composition root gives the real ones.
import type { ForceId } from "@sworn/contract";
import type { Signer } from "@sworn/custody";
import type { KeyRing, ObjectStore } from "@sworn/vault";
import type { Ledger } from "../ledger/index.ts";
import type { Clock } from "../platform/clock.ts";
import type { Database, ForceTransaction } from "../platform/database/database.ts";
import type { Log } from "../platform/log.ts";
import type { RetentionSettings } from "./settings.ts";

/** Tells people what a person must look at, once. */
export type TellFinding = (
  tx: ForceTransaction,
  finding: {
    readonly kind: "destruction";
    readonly recordingId: string;
    readonly subject: string;
    readonly detail: Readonly<Record<string, unknown>>;
  },
  foundAtMs: number,
) => Promise<unknown>;

/** A force's service key: signs certificates of destruction, and knows those it signed. */
export type ServiceOf = (
  forceId: ForceId,
) => Promise<{ readonly certificate: { readonly publicKey: CryptoKey }; readonly signer: Signer }>;

export interface RetentionPorts {
  readonly database: Database;
  readonly clock: Clock;
  readonly log: Log;
  readonly ledger: Pick<Ledger, "stage" | "covered" | "open">;
  readonly keys: Pick<KeyRing, "get" | "delete">;
  readonly objects: Pick<ObjectStore, "delete" | "putObject" | "openObject">;
  readonly serviceOf: ServiceOf;
  readonly tellFinding: TellFinding;
  readonly settings: RetentionSettings;
}

/** The key of a recording in the key ring. */
export const keyIdOf = (recordingId: string): string => `recording/${recordingId}`;

/** Where the certificate lies, beside manifest and receipt. */
export const certificateKeyOf = (forceId: string, recordingId: string): string =>
  `${forceId}/recordings/${recordingId}/destruction`;
