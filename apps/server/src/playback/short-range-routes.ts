// The short way for what a player asks for again and again: a short range of a play that runs, of a recording that is
// open. Guarantees that it sends only what the route would send: play and row were read from the database within the
// second, and whatever is not a plain good range goes to the route before anything is written.
import type { IncomingMessage, ServerResponse } from "node:http";
import { isId, type PlayId } from "@sworn/contract";
import type { Shortcut, ShortWay } from "../http/app.ts";
import { askedRange } from "./byte-range.ts";
import { etagOf, mediaHeaders } from "./media-routes.ts";
import type { Lease, OpenRecordings } from "./open-recordings.ts";
import type { ClearBatch } from "./sealed-media.ts";
import type { StoredPlay } from "./store.ts";

/** What goes to a socket in one write, however slow its client is. */
const SHORT_BYTES = 256 * 1024;
const address = /^\/play\/([0-9a-f-]{36})\/media$/;
const fixedHead = Object.entries(mediaHeaders).flat();

/** `knownPlay` gives the play of the request's cookie where it is known in memory. */
export function shortRanges(
  open: OpenRecordings,
  knownPlay: (id: PlayId, request: IncomingMessage) => StoredPlay | null,
): Shortcut["answer"] {
  return (request, response, way) => {
    const { range, "if-range": ifRange, "if-none-match": ifNoneMatch } = request.headers;
    const id = address.exec(request.url ?? "")?.[1];
    if (id === undefined || !isId(id) || range === undefined) return false;
    if (ifRange !== undefined || ifNoneMatch !== undefined) return false;
    const play = knownPlay(id as PlayId, request);
    const lease = play === null ? null : open.useKnown(play.force_id, play.recording_id);
    if (lease === null) return false;
    const asked = askedRange(range, lease.media.map.lengthBytes);
    if (asked.kind !== "part" || asked.toBytes - asked.fromBytes > SHORT_BYTES) {
      lease.release();
      return false;
    }
    void answerRange(lease, asked, response, way);
    return true;
  };
}

/** Never rejects. A fault is met again by the route, which knows how to tell of it. */
async function answerRange(
  { row, media, ...lease }: Lease,
  { fromBytes, toBytes }: { readonly fromBytes: number; readonly toBytes: number },
  response: ServerResponse,
  way: ShortWay,
): Promise<void> {
  let batch: ClearBatch | null;
  try {
    batch = await media.readAtOnce(fromBytes, toBytes);
  } catch {
    batch = null;
  } finally {
    lease.release();
  }
  if (batch === null) {
    way.giveBack();
    return;
  }
  if (response.destroyed) return;
  response.writeHead(206, [
    ...way.head(),
    ...fixedHead,
    ...["etag", etagOf(row)],
    ...["content-range", `bytes ${fromBytes}-${toBytes - 1}/${media.map.lengthBytes}`],
    ...["content-length", String(toBytes - fromBytes)],
  ]);
  const { pieces } = batch;
  const free = (): void => {
    batch.release();
  };
  response.cork();
  for (const piece of pieces.slice(0, -1)) response.write(piece);
  response.end(pieces.at(-1), free);
  response.uncork();
}
