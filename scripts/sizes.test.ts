import { describe, expect, it } from "vitest";
import { judge, LIMITS, measure } from "./sizes.ts";

describe("the size rule", () => {
  it("takes the nearest rank", () => {
    const hundred = Array.from({ length: 100 }, (_, index) => 100 - index);
    expect(measure(hundred)).toEqual({ medianLines: 50, p95Lines: 95, maxLines: 100 });
    expect(measure([7])).toEqual({ medianLines: 7, p95Lines: 7, maxLines: 7 });
  });

  it("accepts what is under every limit and names each limit that is broken", () => {
    expect(judge({ medianLines: 79, p95Lines: 299, maxLines: 400 })).toEqual([]);
    expect(judge({ medianLines: 80, p95Lines: 300, maxLines: 401 })).toHaveLength(Object.keys(LIMITS).length);
  });
});
