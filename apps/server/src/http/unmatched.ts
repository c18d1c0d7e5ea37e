// Requests that no route takes: 405 with Allow where the path exists for another method, else 404.
import type { HttpApp } from "./app.ts";
import { Problem, sendProblem } from "./problem.ts";

interface Pattern {
  readonly path: RegExp;
  readonly methods: Set<string>;
}

function toPattern(url: string): RegExp {
  const parts = url.split("/").map((part) => {
    if (part === "*") return ".*";
    // Parameters, which may have a fixed ending as in :id.m3u8, or a pattern of their own.
    return part
      .split(/(:[A-Za-z0-9_]+(?:\([^)]*\))?)/)
      .map((piece, index) => (index % 2 === 1 ? "[^/]+" : piece.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")))
      .join("");
  });
  return new RegExp(`^${parts.join("/")}$`);
}

/** Must be called before the routes are registered, so that it sees them all. */
export function answerUnmatched(app: HttpApp): void {
  const patterns = new Map<string, Pattern>();
  app.addHook("onRoute", (route) => {
    const pattern = patterns.get(route.url) ?? { path: toPattern(route.url), methods: new Set<string>() };
    for (const method of [route.method].flat()) pattern.methods.add(method.toUpperCase());
    patterns.set(route.url, pattern);
  });
  app.setNotFoundHandler((request, reply) => {
    const path = request.url.split("?", 1)[0] ?? "";
    const allowed = new Set<string>();
    for (const pattern of patterns.values()) {
      if (pattern.path.test(path)) for (const method of pattern.methods) allowed.add(method);
    }
    if (allowed.size === 0)
      return sendProblem(reply, new Problem("not-found", "There is nothing at this address."));
    const methods = [...allowed].sort().join(", ");
    const detail = `This address takes ${methods}.`;
    return sendProblem(reply, new Problem("method-not-allowed", detail, { headers: { allow: methods } }));
  });
}
