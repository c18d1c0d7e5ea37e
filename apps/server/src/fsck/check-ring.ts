// The key ring: at level 1 the names in both places, from level 2 on every key is opened under its root too. Says when
// it is a root key file, and not the keys, that is damaged.
import type { RingFinding } from "@sworn/vault";
import type { ReadableRing, Tally } from "./ports.ts";
import type { NewProblem } from "./problem.ts";
import { keyOf } from "./subjects.ts";

const places = ["first", "second"] as const;
/** So many lost keys are kept in memory until it is known whether a root explains them. */
const mostLost = 1_000;

interface Lost {
  readonly id: string;
  readonly detail: string;
  readonly rootIds: readonly string[];
}

export async function checkRing(ring: ReadableRing, depth: "names" | "keys", tally: Tally): Promise<void> {
  const lost: Lost[] = [];
  let lostCount = 0;
  for await (const found of findingsById(ring, depth)) {
    const [first] = found;
    if (first === undefined) continue;
    const both = wholeLoss(found);
    if (both === null) {
      for (const finding of found) tally.tell(describe(finding));
      continue;
    }
    lostCount += 1;
    if (lost.length < mostLost) lost.push(both);
  }
  let keys = 0;
  for await (const _ of ring.list()) {
    keys += 1;
    tally.looked("keys");
  }
  const rootIds = [...new Set(lost.flatMap((key) => key.rootIds))];
  const [rootId] = rootIds;
  if (lostCount >= 2 && lostCount === keys && rootId !== undefined && rootIds.length === 1) {
    const message = `None of the ${keys.toString()} keys opens, in either place: the root key file ${rootId}.root is not the one that wrapped them.`;
    tally.tell({ kind: "root-damaged", subject: { type: "root", id: `${rootId}.root` }, message });
    return;
  }
  for (const { id, detail } of lost) {
    tally.tell({
      kind: "key-damaged",
      subject: keyOf(id),
      message: `Key ${id} opens in neither place: ${detail}.`,
    });
  }
  if (lostCount > lost.length) {
    const message = `${(lostCount - lost.length).toString()} more keys open in neither place.`;
    tally.tell({ kind: "key-damaged", subject: { type: "key", id: "…" }, message });
  }
}

/** The findings about one key come one after another. */
async function* findingsById(ring: ReadableRing, depth: "names" | "keys"): AsyncGenerator<RingFinding[]> {
  let together: RingFinding[] = [];
  const idOf = (finding: RingFinding | undefined): string | null =>
    finding !== undefined && "id" in finding ? finding.id : null;
  for await (const finding of ring.check(depth)) {
    if (together.length > 0 && (idOf(finding) === null || idOf(finding) !== idOf(together[0]))) {
      yield together;
      together = [];
    }
    together.push(finding);
  }
  yield together;
}

/** Neither place has the key whole. */
function wholeLoss(found: readonly RingFinding[]): Lost | null {
  const damaged = found.filter((finding) => finding.kind === "damaged");
  const without = found.flatMap((finding) =>
    finding.kind === "damaged" || finding.kind === "missing" ? [finding.place] : [],
  );
  const [first] = damaged;
  if (first === undefined || new Set(without).size < 2) return null;
  const rootIds = damaged.flatMap(({ rootId }) => (rootId === undefined ? [] : [rootId]));
  return { id: first.id, detail: first.detail, rootIds };
}

function describe(finding: RingFinding): NewProblem {
  if (finding.kind === "differs") {
    const message = `The two places hold different keys for ${finding.id}.`;
    return { kind: "key-differs", subject: keyOf(finding.id), message };
  }
  const place = `the ${places[finding.place]} place`;
  if (finding.kind === "foreign") {
    const subject = { type: "file", id: finding.name, place: finding.place === 0 ? 1 : 2 } as const;
    return {
      kind: "file-extra",
      subject,
      message: `A file ${finding.name} in ${place} of the key ring is not the ring's.`,
    };
  }
  const subject = keyOf(finding.id, finding.place);
  switch (finding.kind) {
    case "missing":
      return { kind: "key-copy-missing", subject, message: `Key ${finding.id} is missing in ${place}.` };
    case "tombstone-missing":
      return {
        kind: "tombstone-missing",
        subject,
        message: `The mark that key ${finding.id} was destroyed is missing in ${place}.`,
      };
    case "undead":
      return {
        kind: "key-undead",
        subject,
        message: `Key ${finding.id} was destroyed and is there again in ${place}.`,
      };
    case "damaged":
      return {
        kind: "key-copy-damaged",
        subject,
        message: `Key ${finding.id} does not open in ${place}: ${finding.detail}.`,
      };
  }
}
