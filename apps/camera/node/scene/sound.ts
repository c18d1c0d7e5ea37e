/** What the scene sounds like: traffic, the wearer's own steps, a bird or a bell. Mono, 48 kHz, never full scale. */

import { hashText, mix } from "./seeded.ts";

export interface Sound {
  /** Fills with the samples that follow sample number `atSample` of the scene. */
  read(into: Int16Array, atSample: number): void;
}

const RATE_HZ = 48_000;

export function createSound(options: { readonly seed: string }): Sound {
  const key = hashText(`sound ${options.seed}`);
  const stepEvery = Math.round(RATE_HZ * (0.5 + (key % 100) / 900));
  const birdEvery = RATE_HZ * (4 + (key % 5));
  const birdHz = 2300 + (key % 900);
  let rumble = 0;
  let hiss = 0;
  return {
    read: (into, atSample) => {
      for (let index = 0; index < into.length; index += 1) {
        const sample = atSample + index;
        const noise = mix(sample ^ key) / 2 ** 31 - 1;
        rumble += (noise - rumble) * 0.02;
        hiss += (noise - hiss) * 0.25;
        const passing = 0.35 + 0.65 * Math.sin((sample / RATE_HZ) * 0.45 + (key % 7)) ** 2;
        const sounds =
          rumble * 14_000 * passing + step(sample % stepEvery, hiss) + bird(sample % birdEvery, birdHz);
        into[index] = Math.max(-28_000, Math.min(28_000, sounds));
      }
    },
  };
}

/** Heel, then sole. */
function step(sinceStep: number, hiss: number): number {
  if (sinceStep > 9000) return 0;
  const heel = Math.exp(-sinceStep / 500) * Math.sin(sinceStep * 0.012) * 5200;
  const sole = sinceStep > 3400 ? Math.exp(-(sinceStep - 3400) / 900) * hiss * 4200 : 0;
  return heel + sole;
}

/** Three falling notes. */
function bird(sinceCall: number, hz: number): number {
  const note = Math.floor(sinceCall / 6000);
  if (note > 2) return 0;
  const within = sinceCall % 6000;
  const swell = Math.sin((Math.PI * within) / 6000) ** 2;
  return swell * 1700 * Math.sin((2 * Math.PI * (hz - note * 220 - within * 0.05) * sinceCall) / RATE_HZ);
}
