// What each outcome of receiving bytes means in HTTP. The server failing is never told as the client's fault.
import type { ProblemCode } from "@sworn/contract";
import type { Received } from "./receive-upload.ts";

export interface Refusal {
  readonly code: ProblemCode;
  readonly detail: string;
  readonly headers?: Readonly<Record<string, string>>;
}

type Refused = Exclude<Received, { outcome: "received" }>;

export function refusalOf(received: Refused): Refusal {
  switch (received.outcome) {
    case "offset-differs":
      return {
        code: "offset-differs",
        detail: `The upload stands at byte ${received.offsetBytes.toString()}. Ask with HEAD and go on from there.`,
        headers: { "upload-offset": received.offsetBytes.toString() },
      };
    case "cut":
      return { code: "request-invalid", detail: "The body ended before its announced length." };
    case "locked":
      return {
        code: "locked",
        detail: "Another connection sends this upload. Wait, or end it.",
        headers: { "retry-after": "5" },
      };
    case "not-open":
      return {
        code: "offset-differs",
        detail: "The upload takes no more bytes. Ask with HEAD where it stands.",
      };
    case "too-long":
      return { code: "body-too-large", detail: "The body is longer than what the upload still needs." };
    case "too-short":
      return {
        code: "not-processable",
        detail: "Send at least 4 MiB of a film at a time, or all of its rest.",
      };
    case "busy":
      return {
        code: "busy",
        detail: "Too many bytes are under way. Try again in a moment.",
        headers: { "retry-after": "2" },
      };
    case "no-space":
      return {
        code: "storage-full",
        detail: "The server's disk is full. Nothing was lost; try again later.",
      };
    case "volume-failed":
      return {
        code: "not-ready",
        detail: "The server's disk failed. Keep the recording; somebody must look at the server.",
        headers: { "retry-after": "600" },
      };
  }
}
