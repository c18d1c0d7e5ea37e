// Which bytes of a representation a request asks for (RFC 9110 §13.1.5, §14). A set of several ranges, and anything
// malformed, is ignored and gets the whole, as §14.2 allows.

export type AskedRange =
  | { readonly kind: "whole" }
  /** `toBytes` is exclusive. */
  | { readonly kind: "part"; readonly fromBytes: number; readonly toBytes: number }
  | { readonly kind: "unsatisfiable" };

const whole: AskedRange = { kind: "whole" };

/** `header` is the value of Range. */
export function askedRange(header: string | undefined, sizeBytes: number): AskedRange {
  const match = /^bytes=[ \t]*(\d{0,15})-(\d{0,15})[ \t]*$/i.exec(header ?? "");
  const [, first = "", last = ""] = match ?? [];
  if (match === null || (first === "" && last === "")) return whole;
  if (first === "") {
    const suffixBytes = Math.min(Number(last), sizeBytes);
    if (suffixBytes === 0) return { kind: "unsatisfiable" };
    return { kind: "part", fromBytes: sizeBytes - suffixBytes, toBytes: sizeBytes };
  }
  const fromBytes = Number(first);
  const lastBytes = last === "" ? sizeBytes - 1 : Math.min(Number(last), sizeBytes - 1);
  if (last !== "" && Number(last) < fromBytes) return whole;
  if (fromBytes >= sizeBytes) return { kind: "unsatisfiable" };
  return { kind: "part", fromBytes, toBytes: lastBytes + 1 };
}

/** Whether If-Range lets Range count: absent, or this very entity tag, which must be strong. */
export function rangeStillFits(ifRange: string | undefined, etag: string): boolean {
  return ifRange === undefined || ifRange.trim() === etag;
}

/** Whether If-None-Match says that the client has it already (weak comparison, §13.1.2). */
export function isKnownToClient(ifNoneMatch: string | undefined, etag: string): boolean {
  if (ifNoneMatch === undefined) return false;
  if (ifNoneMatch.trim() === "*") return true;
  return ifNoneMatch.split(",").some((item) => item.trim().replace(/^W\//, "") === etag);
}
