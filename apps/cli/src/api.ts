// Opens the server's API as the person whose key this is, or as anybody.
import { Api, staffClient, type StaffClient } from "@sworn/client";
import { findCredentials, findUrl, type ServerFlags } from "./credentials.ts";
import type { World } from "./world.ts";

/** With the person's key. */
export async function openStaff(world: World, flags: ServerFlags): Promise<StaffClient> {
  const { url, apiKey } = await findCredentials(world, flags);
  return staffClient({ server: url, apiKey });
}

/** Without a key, for what anybody may ask. */
export async function openPublic(world: World, flags: ServerFlags): Promise<Api> {
  return new Api({ server: await findUrl(world, flags) });
}
