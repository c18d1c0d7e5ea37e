// What the command line remembers of a camera beside its folder's own files: the name and borough that are burned into
// the picture, and whether a receiver is simulated. Nothing depends on it but the film.
import { type PositionSource, simulatedPositions } from "@sworn/camera";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";

export interface CameraCard {
  readonly name: string;
  readonly borough: string | null;
}

const fileName = "card.json";

export async function writeCard(folder: string, card: CameraCard): Promise<void> {
  await writeFile(join(folder, fileName), `${JSON.stringify(card)}\n`, { mode: 0o600 });
}

/** A camera without a card, or with a damaged one, films without labels. */
export async function readCard(folder: string): Promise<CameraCard | null> {
  try {
    const value: unknown = JSON.parse((await readFile(join(folder, fileName), "utf8")).slice(0, 2_000));
    if (typeof value !== "object" || value === null || !("name" in value) || typeof value.name !== "string")
      return null;
    const borough = "borough" in value && typeof value.borough === "string" ? value.borough : null;
    return { name: value.name.slice(0, 60), borough };
  } catch {
    return null;
  }
}

/** A simulated receiver that walks the card's borough; null without a known one. */
export function positionsOf(card: CameraCard | null): PositionSource | null {
  const borough = card?.borough ?? null;
  return card === null || borough === null ? null : simulatedPositions({ borough, seed: card.name });
}
