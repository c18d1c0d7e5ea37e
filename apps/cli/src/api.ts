// Opens the server's API as the person whose key this is, or as anybody.
import { staffClient, type StaffClient } from "@sworn/client";
import { findCredentials, type ServerFlags } from "./credentials.ts";
import type { World } from "./world.ts";

/** With the person's key. */
export async function openStaff(world: World, flags: ServerFlags): Promise<StaffClient> {
  const { url, apiKey } = await findCredentials(world, flags);
  return staffClient({ server: url, apiKey });
}
