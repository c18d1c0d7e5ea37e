// Ids as people type them.
import { isId } from "@sworn/contract";
import { CliError } from "./exit.ts";

/** The text as an id. Throws `wrong-usage` for what cannot be one. */
// eslint-disable-next-line @typescript-eslint/no-unnecessary-type-parameters -- brands exist for the compiler only
export function checkedId<T extends string>(text: string, what: string): T {
  const plain = text.trim().toLowerCase();
  if (isId(plain)) return plain as T;
  throw new CliError("wrong-usage", `${what} must be an id such as 0198c1f2-7a5b-4c3d-9e8f-001122334455.`);
}
