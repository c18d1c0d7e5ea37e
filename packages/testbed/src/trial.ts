// The trial that the product starts from: ten boroughs of London, and two places of Bedfordshire's as a second force.
import { PLACES } from "@sworn/camera";
import type { ForceToFound } from "./found-force.ts";

/** One camera for each place. */
export const trialForces: readonly ForceToFound[] = [
  {
    ...{ name: "Metropolitan Police", slug: "metropolitan", prefix: "MET", administrator: "Alex Jones" },
    boroughs: PLACES.filter(({ force }) => force === "metropolitan").map(({ name }) => ({
      name,
      cameras: 1,
    })),
  },
  {
    ...{ name: "Bedfordshire Police", slug: "bedfordshire", prefix: "BED", administrator: "Sam Taylor" },
    boroughs: PLACES.filter(({ force }) => force === "bedfordshire").map(({ name }) => ({
      name,
      cameras: 1,
    })),
  },
];
