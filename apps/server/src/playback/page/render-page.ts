// The player's page as HTML, whole on the server: it says what the recording is without any script.
import type { PlayableRow } from "../store.ts";

const entities: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

function escape(text: string): string {
  return text.replace(/[&<>"']/g, (character) => entities[character] ?? "");
}

const verdicts = {
  verified: "Verified: as the camera sealed it",
  altered: "Altered: does not match the camera's journal",
  unattested: "Unattested: no camera signed it; unchanged since it arrived",
  untrusted: "Untrusted: its signer was not trusted when it arrived",
} as const;

const clocks = {
  dock: "By the dock's clock",
  bounded: "Uncertain: between two docks",
  unbounded: "Uncertain: no dock tells",
  stated: "As stated by the person who imported it",
  decided: "Decided by a person",
} as const;

const dateTime = new Intl.DateTimeFormat("en-GB", {
  dateStyle: "long",
  timeStyle: "medium",
  timeZone: "UTC",
});

function instant(at: Date | null): string {
  if (at === null) return "Not known";
  return `<time datetime="${at.toISOString()}">${escape(dateTime.format(at))} UTC</time>`;
}

function length(durationMs: number | null): string {
  if (durationMs === null) return "Not known";
  const seconds = Math.round(durationMs / 1000);
  return `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
}

function layout(title: string, head: string, main: string): string {
  return `<!doctype html>
<html lang="en-GB">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<title>${escape(title)} – Sworn</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="/play/assets/play.css">
${head}</head>
<body>
<header>Sworn</header>
<main>
${main}
</main>
</body>
</html>
`;
}

/** What the page needs beside the row. Paths are of this server. */
export interface PageFacts {
  readonly row: PlayableRow;
  readonly cameraName: string | null;
  readonly mediaPath: string;
  readonly playlistPath: string | null;
  /** Null where there is no poster. */
  readonly posterPath: string | null;
}

/** The page of a running play. */
export function renderPage({ row, cameraName, mediaPath, playlistPath, posterPath }: PageFacts): string {
  const heading = row.number === null ? `Recording ${row.file_name ?? row.id}` : `Recording ${row.number}`;
  const title = cameraName === null ? heading : `${heading}, camera ${cameraName}`;
  const facts: [string, string][] = [
    ["Recording", escape(row.id)],
    ["Camera", escape(cameraName ?? "None of this force")],
    ["Began", instant(row.recorded_start_at)],
    ["Ended", instant(row.recorded_end_at)],
    ["Times", row.clock === null ? "Not known" : clocks[row.clock]],
    ["Length", length(row.duration_ms)],
    ["Arrived", instant(row.received_at)],
  ];
  const list = facts.map(([term, detail]) => `<div><dt>${term}</dt><dd>${detail}</dd></div>`).join("\n");
  const verdict = row.verdict ?? "untrusted";
  const attributes = [
    `data-media="${mediaPath}"`,
    ...(playlistPath === null ? [] : [`data-playlist="${playlistPath}"`]),
    ...(posterPath === null ? [] : [`poster="${posterPath}"`]),
  ];
  return layout(
    title,
    '<script src="/play/assets/hls.js" defer></script>\n<script src="/play/assets/play.js" defer></script>\n',
    `<h1>${escape(title)}</h1>
<div class="stage">
<div>
<video controls playsinline preload="metadata" aria-label="${escape(title)}" ${attributes.join(" ")}></video>
<p class="notice" id="state" role="status"></p>
<noscript><p class="notice">Without JavaScript, <a href="${mediaPath}">open the recording itself</a>.</p></noscript>
<p class="notice">This viewing is an entry in the ledger, under your name.</p>
</div>
<dl>
<div><dt>Verdict</dt><dd><span class="verdict verdict-${verdict}">${verdicts[verdict]}</span></dd></div>
${list}
</dl>
</div>`,
  );
}

/** A page that says why there is nothing to play. `detail` is text. */
export function renderRefusal(title: string, detail: string): string {
  return layout(title, "", `<h1>${escape(title)}</h1>\n<p>${escape(detail)}</p>`);
}
