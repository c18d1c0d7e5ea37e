// sworn finding list|resolve: what a person must look at and explain.
import {
  findingKinds,
  type CameraId,
  type Finding,
  type FindingId,
  type FindingKind,
  type RecordingId,
} from "@sworn/contract";
import { openStaff } from "../api.ts";
import type { ServerFlags } from "../credentials.ts";
import { CliError } from "../exit.ts";
import { checkedId } from "../ids.ts";
import { instantText, shown, table } from "../output.ts";
import { addCommand, addGroup, type AddCommand } from "../settle-command.ts";
import { serverOptions } from "../server-options.ts";

interface ListOptions extends ServerFlags {
  resolved?: boolean;
  kind?: string;
  camera?: string;
  recording?: string;
}

function kindOf(text: string): FindingKind {
  const kind = findingKinds.find((known) => known === text);
  if (kind !== undefined) return kind;
  throw new CliError("wrong-usage", `--kind must be one of ${findingKinds.join(", ")}.`);
}

function wantedOf({ resolved, kind, camera, recording }: ListOptions) {
  return {
    resolved: resolved === true,
    ...(kind === undefined ? {} : { kind: kindOf(kind) }),
    ...(camera === undefined ? {} : { camera: checkedId<CameraId>(camera, "--camera") }),
    ...(recording === undefined ? {} : { recording: checkedId<RecordingId>(recording, "--recording") }),
  };
}

function aboutText({ recordingId, cameraId }: Finding): string {
  if (recordingId !== null) return `recording ${recordingId}`;
  return cameraId === null ? "-" : `camera ${cameraId}`;
}

export const addFinding: AddCommand = (parent, world) => {
  const group = addGroup(parent, "finding", "what a person must look at and explain");
  addCommand<ListOptions>(group, world, {
    usage: "list",
    summary: "what waits for an explanation, newest first",
    example: "sworn finding list --kind missing",
    declare: (command) =>
      serverOptions(
        command
          .option("--resolved", "what was resolved, in place of what waits")
          .option("--kind <kind>", findingKinds.join(", "))
          .option("--camera <id>", "about this camera only")
          .option("--recording <id>", "about this recording only"),
      ),
    async run({ options, output }) {
      const wanted = wantedOf(options);
      const staff = await openStaff(world, options);
      const found: Finding[] = [];
      for (let after: FindingId | undefined; ;) {
        const page = await staff.listFindings({ ...wanted, ...(after === undefined ? {} : { after }) });
        found.push(...page.findings);
        if (page.next === null) break;
        after = page.next;
      }
      output.json(found);
      const rows = found.map((one) => [
        one.id,
        one.kind,
        instantText(one.foundAt),
        aboutText(one),
        one.subject,
      ]);
      for (const line of table(["id", "kind", "found", "about", "subject"], rows)) output.say(line);
    },
  });
  addCommand<ServerFlags & { reason: string }>(group, world, {
    usage: "resolve <finding>",
    summary: "say what was found out and done",
    about:
      "The finding stays, with your name and reason in the ledger. It changes nothing of what it is about.",
    example: 'sworn finding resolve 3b9c… --reason "The camera was docked on Monday"',
    declare: (command) =>
      serverOptions(command.requiredOption("--reason <text>", "what was found out and done")),
    async run({ options, output, arguments: [named = ""] }) {
      const id = checkedId<FindingId>(named, "The finding");
      const staff = await openStaff(world, options);
      const finding = await staff.resolveFinding(id, options.reason);
      output.json(finding);
      output.say(`Resolved: ${finding.kind}, ${aboutText(finding)}, ${shown(finding.subject)}.`);
    },
  });
};
