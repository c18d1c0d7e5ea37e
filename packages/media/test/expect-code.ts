import { MediaError } from "../src/index.ts";

/** Runs `act` and gives the code of its `MediaError`; anything else that it throws is thrown on. */
export function codeOf(act: () => unknown): string {
  try {
    act();
  } catch (error) {
    if (error instanceof MediaError) return error.code;
    throw error;
  }
  return "no error";
}

export async function codeOfAsync(act: () => Promise<unknown>): Promise<string> {
  try {
    await act();
  } catch (error) {
    if (error instanceof MediaError) return error.code;
    throw error;
  }
  return "no error";
}
