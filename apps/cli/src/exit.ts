// What a command ends with. 0: done. The others are errors of this module; everything else is a fault too.

import { ApiProblem, ClientError } from "@sworn/client";

export const EXIT_DONE = 0;
/** The answer is no: not found, refused, altered. */
export const EXIT_NO = 1;
/** The command was used wrongly. */
export const EXIT_USAGE = 2;
/** It could not run: no server, no right, a fault. */
const EXIT_FAULT = 3;

export type CliErrorCode = "answer-is-no" | "wrong-usage" | "could-not-run";

const exitOf: Readonly<Record<CliErrorCode, number>> = {
  "answer-is-no": EXIT_NO,
  "wrong-usage": EXIT_USAGE,
  "could-not-run": EXIT_FAULT,
};

/** An end with a message that says what was wrong and what to do. */
export class CliError extends Error {
  override readonly name = "CliError";
  readonly code: CliErrorCode;

  constructor(code: CliErrorCode, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.code = code;
  }
}

export interface Ending {
  readonly exitCode: number;
  readonly code: string;
  readonly message: string;
}

/** How an error ends the command. Errors of the house carry a code and a sentence; others are bugs, and said to be. */
export function endingOf(error: unknown): Ending {
  if (error instanceof ApiProblem) {
    return {
      exitCode: exitOf[codeOfStatus(error.status)],
      code: error.code,
      message: `${error.title}. ${error.message}`,
    };
  }
  if (error instanceof ClientError && error.code === "unreachable") {
    const message = `${error.message} Start a server with “npm start”, or say where it is with --url.`;
    return { exitCode: EXIT_FAULT, code: error.code, message };
  }
  if (error instanceof CliError)
    return { exitCode: exitOf[error.code], code: error.code, message: error.message };
  if (error instanceof Error) {
    const code: unknown = "code" in error ? error.code : undefined;
    const isOfTheHouse = typeof code === "string" && /^[a-z][a-z0-9-]*$/.test(code);
    if (isOfTheHouse) return { exitCode: EXIT_FAULT, code, message: withCause(error) };
    if (typeof code === "string")
      return { exitCode: EXIT_FAULT, code: "system", message: systemMessage(code, error) };
    return {
      exitCode: EXIT_FAULT,
      code: "fault",
      message: `Something went wrong that should not have: ${error.message}. Please report it with the command you gave.`,
    };
  }
  return { exitCode: EXIT_FAULT, code: "fault", message: `Something went wrong: ${String(error)}` };
}

/** 400: the command was wrong. 401, 408, 421, 429 and the server's own faults: it could not run. Else: no. */
function codeOfStatus(status: number): CliErrorCode {
  if (status === 400) return "wrong-usage";
  return status >= 500 || [401, 408, 421, 429].includes(status) ? "could-not-run" : "answer-is-no";
}

// What a file system says is in the message already; what a database says is not.
function withCause(error: Error): string {
  const { cause } = error;
  const isSystem = cause instanceof Error && "code" in cause && /^[A-Z]/.test(String(cause.code));
  if (
    !(cause instanceof Error) ||
    isSystem ||
    cause.message === "" ||
    error.message.includes(cause.message)
  ) {
    return error.message;
  }
  return `${error.message} (${cause.message.split("\n", 1)[0] ?? ""})`;
}

function systemMessage(code: string, error: Error): string {
  const about = "path" in error && typeof error.path === "string" ? ` ${error.path}` : "";
  switch (code) {
    case "ENOENT":
      return `There is no such file or folder:${about}. Check the path.`;
    case "EACCES":
    case "EPERM":
      return `No permission for${about}. Run as the user that owns it.`;
    case "ENOSPC":
      return `The disk is full${about === "" ? "" : ` at${about}`}. Free some space and try again.`;
    case "EEXIST":
      return `It exists already:${about}. Choose another name.`;
    default:
      return `${error.message}.`;
  }
}
