// Branded identifiers: a recording's id cannot be passed where a person's is meant. All are UUIDs, lower case.
import Type from "typebox";

declare const brand: unique symbol;

/** A UUID that names one kind of thing. The brand exists for the compiler only. */
export type Id<Kind extends string> = string & { readonly [brand]: Kind };

export type ForceId = Id<"force">;
export type BoroughId = Id<"borough">;
export type TeamId = Id<"team">;
export type PersonId = Id<"person">;
export type ApiKeyId = Id<"api-key">;
export type CameraId = Id<"camera">;
export type DockId = Id<"dock">;
export type AssignmentId = Id<"assignment">;
export type BreachId = Id<"breach">;
export type FindingId = Id<"finding">;
export type DockingSessionId = Id<"docking-session">;
export type RecordingId = Id<"recording">;
export type HoldId = Id<"hold">;
export type UploadId = Id<"upload">;
export type HandInId = Id<"hand-in">;
export type QuarantineId = Id<"quarantine">;
export type ExportId = Id<"export">;
export type RetentionChangeId = Id<"retention-change">;

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/** Whether a text is an id as this API writes them. */
export function isId(text: string): boolean {
  return uuid.test(text);
}

/** The schema of an id: on the wire a UUID (RFC 9562) in lower case. */
export function idSchema<T extends Id<string>>(description: string): Type.TUnsafe<T> {
  return Type.Unsafe<T>(Type.String({ format: "uuid", pattern: uuid.source, description }));
}

export const ForceIdSchema = idSchema<ForceId>("A force (tenant).");
export const BoroughIdSchema = idSchema<BoroughId>("A borough: a command unit of a force.");
export const TeamIdSchema = idSchema<TeamId>("A team: a group of officers of a borough.");
export const PersonIdSchema = idSchema<PersonId>("A person of a force.");
export const ApiKeyIdSchema = idSchema<ApiKeyId>("A personal API key (not its secret).");
export const CameraIdSchema = idSchema<CameraId>("A camera.");
export const DockIdSchema = idSchema<DockId>("A dock.");
export const AssignmentIdSchema = idSchema<AssignmentId>("A camera's issue to an officer.");
export const BreachIdSchema = idSchema<BreachId>("A possible breach of personal data.");
export const FindingIdSchema = idSchema<FindingId>("A finding.");
export const DockingSessionIdSchema = idSchema<DockingSessionId>("A docking session.");
export const RecordingIdSchema = idSchema<RecordingId>("A recording.");
export const UploadIdSchema = idSchema<UploadId>("An upload.");
export const HandInIdSchema = idSchema<HandInId>("What a person hands in of a camera that is not trusted.");
export const QuarantineIdSchema = idSchema<QuarantineId>("Bytes kept apart.");
export const ExportIdSchema = idSchema<ExportId>("An export of a recording.");
export const HoldIdSchema = idSchema<HoldId>("A hold.");
export const RetentionChangeIdSchema = idSchema<RetentionChangeId>("A proposed change of a retention class.");

/** An instant, RFC 3339 in UTC. */
export const InstantSchema = Type.String({ format: "date-time", description: "RFC 3339, UTC." });
