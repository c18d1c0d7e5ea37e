/** The back end that uses node-av, an optional package. */
import type { NodeAv } from "./node-av-library.ts";
import { NodeAvReader } from "./node-av-reader.ts";
import { NodeAvTake } from "./node-av-take.ts";
import type { Backend } from "./take.ts";

export function nodeAvBackend(av: NodeAv): Backend {
  return {
    openTake: (settings, deliver) => NodeAvTake.open(av, settings, deliver),
    openFile: (path, settings) => NodeAvReader.open(av, path, settings),
  };
}
