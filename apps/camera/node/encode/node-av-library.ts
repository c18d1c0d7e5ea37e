/** Loads node-av, an optional package: on demand, and told apart from a broken one. */
import { EncodeError } from "./encode-error.ts";

export interface NodeAv {
  readonly lib: typeof import("node-av/lib");
  readonly constants: typeof import("node-av/constants");
}

/** Throws EncodeError `no-backend` where the package is absent, or has no build for this machine. */
export async function loadNodeAv(): Promise<NodeAv> {
  try {
    const [lib, constants] = await Promise.all([import("node-av/lib"), import("node-av/constants")]);
    lib.Log.setLevel(constants.AV_LOG_QUIET);
    return { lib, constants };
  } catch (cause) {
    throw new EncodeError(
      "no-backend",
      "the npm package node-av could not be loaded; run npm install, or install ffmpeg",
      {
        cause,
      },
    );
  }
}
