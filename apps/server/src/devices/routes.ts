// HTTP of devices for staff: enrol cameras and docks, issue cameras, report one lost, see breaches.
import {
  AssignmentIdSchema,
  AssignmentRequestSchema,
  AssignmentSchema,
  AssignmentsSchema,
  BreachesSchema,
  CameraEnrolmentSchema,
  CameraIdSchema,
  CameraRequestSchema,
  CameraSchema,
  CamerasSchema,
  DockEnrolmentSchema,
  DockIdSchema,
  DockRequestSchema,
  DockSchema,
  DocksSchema,
  LossRequestSchema,
  LossSchema,
  ProblemSchema,
} from "@sworn/contract";
import Type from "typebox";
import { administratorOf, staffOf, type RegisterRoutes } from "../http/app.ts";
import { Problem } from "../http/problem.ts";
import { withForce } from "../platform/database/database.ts";
import { assignCamera, endAssignment, type AssignOutcome } from "./assign-camera.ts";
import { enrolCamera } from "./enrol-camera.ts";
import { enrolDock, retireDock } from "./enrol-dock.ts";
import { loseCamera } from "./lose-camera.ts";
import type { DevicePorts } from "./ports.ts";
import { presentAssignment, presentBreach, presentCamera, presentDock } from "./present.ts";
import {
  listAssignments,
  listBreaches,
  listCameras,
  listDocks,
  openAssignments,
  readCamera,
} from "./store.ts";

const pageSize = 500;
const camera = Type.Object({ camera: CameraIdSchema });
const noCamera = "There is no such camera in your force.";

type Refused = "key-unusable" | "id-taken" | "name-taken" | "unit-not-found";

function refuse(outcome: Refused, what: string): Problem {
  switch (outcome) {
    case "key-unusable":
      return new Problem(
        "not-processable",
        "The key is not a P-256 public key as SubjectPublicKeyInfo (DER).",
      );
    case "id-taken":
      return new Problem("conflict", `A ${what} of that id is enrolled with another key, or out of service.`);
    case "name-taken":
      return new Problem("conflict", `Another ${what} of the force has that name. Choose another.`);
    case "unit-not-found":
      return new Problem(
        "not-processable",
        "There is no such borough, or no such team in it, in your force.",
      );
  }
}

function refuseAssignment(outcome: Exclude<AssignOutcome, { outcome: "assigned" }>): Problem {
  switch (outcome.outcome) {
    case "camera-not-found":
      return new Problem("not-found", noCamera);
    case "person-not-found":
      return new Problem("not-processable", "There is no such person in your force.");
    case "unit-not-found":
      return new Problem(
        "not-processable",
        "There is no such borough, or no such team in it, in your force.",
      );
    case "not-in-service":
      return new Problem("not-processable", `The camera is ${outcome.state} and cannot be issued.`);
    case "already-assigned":
      return new Problem("conflict", `The camera is issued already. End assignment ${outcome.open} first.`);
  }
}

export function devicesRoutes(ports: DevicePorts): RegisterRoutes {
  const { database } = ports;
  return (app, access) => {
    const staff = { onRequest: [...access.staff] };
    const describe = (operationId: string, summary: string) => ({
      operationId,
      summary,
      tags: ["devices"],
      security: [{ apiKey: [] }],
    });

    app.post(
      "/v1/cameras",
      {
        ...staff,
        schema: {
          ...describe("enrolCamera", "Certify a camera's key; asked again, the same certificate"),
          body: CameraRequestSchema,
          response: { 200: CameraEnrolmentSchema, 201: CameraEnrolmentSchema, "4xx": ProblemSchema },
        },
      },
      async (request, reply) => {
        const result = await enrolCamera(ports, staffOf(request), request.body);
        if (!("enrolment" in result)) throw refuse(result.outcome, "camera");
        return reply.code(result.outcome === "enrolled" ? 201 : 200).send(result.enrolment);
      },
    );

    app.get(
      "/v1/cameras",
      {
        ...staff,
        schema: {
          ...describe("listCameras", "The cameras of the force, a page at a time"),
          querystring: Type.Object({ after: Type.Optional(CameraIdSchema) }, { additionalProperties: false }),
          response: { 200: CamerasSchema, "4xx": ProblemSchema },
        },
      },
      async (request) =>
        withForce(database, staffOf(request), async (tx) => {
          const rows = await listCameras(tx, pageSize, request.query.after);
          const open = await openAssignments(
            tx,
            rows.map((row) => row.id),
          );
          const byCamera = new Map(open.map((assignment) => [assignment.camera_id, assignment]));
          return {
            cameras: rows.map((row) => presentCamera(row, byCamera.get(row.id))),
            next: rows.length === pageSize ? (rows.at(-1)?.id ?? null) : null,
          };
        }),
    );

    app.get(
      "/v1/cameras/:camera",
      {
        ...staff,
        schema: {
          ...describe("getCamera", "One camera and its state"),
          params: camera,
          response: { 200: CameraSchema, "4xx": ProblemSchema },
        },
      },
      async (request) =>
        withForce(database, staffOf(request), async (tx) => {
          const row = await readCamera(tx, request.params.camera);
          if (row === undefined) throw new Problem("not-found", noCamera);
          const [assignment] = await openAssignments(tx, [row.id]);
          return presentCamera(row, assignment);
        }),
    );

    app.post(
      "/v1/cameras/:camera/lost",
      {
        ...staff,
        schema: {
          ...describe(
            "loseCamera",
            "Report a camera lost: revoke it, and begin the record of a possible breach",
          ),
          params: camera,
          body: LossRequestSchema,
          response: { 200: LossSchema, "4xx": ProblemSchema },
        },
      },
      async (request) => {
        const { circumstances } = request.body;
        const loss = await loseCamera(ports, staffOf(request), request.params.camera, circumstances);
        if (loss === null) throw new Problem("not-found", noCamera);
        return loss;
      },
    );

    app.post(
      "/v1/cameras/:camera/assignments",
      {
        ...staff,
        schema: {
          ...describe("assignCamera", "Issue a camera to an officer"),
          params: camera,
          body: AssignmentRequestSchema,
          response: { 201: AssignmentSchema, "4xx": ProblemSchema },
        },
      },
      async (request, reply) => {
        const result = await assignCamera(ports, staffOf(request), request.params.camera, request.body);
        if (result.outcome !== "assigned") throw refuseAssignment(result);
        return reply.code(201).send(result.assignment);
      },
    );

    app.get(
      "/v1/cameras/:camera/assignments",
      {
        ...staff,
        schema: {
          ...describe("listAssignments", "Who had the camera, newest first"),
          params: camera,
          response: { 200: AssignmentsSchema, "4xx": ProblemSchema },
        },
      },
      async (request) => {
        const rows = await withForce(database, staffOf(request), (tx) =>
          listAssignments(tx, request.params.camera, pageSize),
        );
        return { assignments: rows.map(presentAssignment) };
      },
    );

    app.post(
      "/v1/cameras/:camera/assignments/:assignment/end",
      {
        ...staff,
        schema: {
          ...describe("endAssignment", "Take a camera back"),
          params: Type.Object({ camera: CameraIdSchema, assignment: AssignmentIdSchema }),
          response: { 200: AssignmentSchema, "4xx": ProblemSchema },
        },
      },
      async (request) => {
        const { camera: of, assignment } = request.params;
        const ended = await endAssignment(ports, staffOf(request), of, assignment);
        if (ended === null) throw new Problem("not-found", "There is no such assignment of that camera.");
        return ended;
      },
    );

    app.post(
      "/v1/docks",
      {
        ...staff,
        schema: {
          ...describe("enrolDock", "Certify a dock's key; asked again, the same certificate"),
          body: DockRequestSchema,
          response: { 200: DockEnrolmentSchema, 201: DockEnrolmentSchema, "4xx": ProblemSchema },
        },
      },
      async (request, reply) => {
        const result = await enrolDock(ports, staffOf(request), request.body);
        if (!("enrolment" in result)) throw refuse(result.outcome, "dock");
        return reply.code(result.outcome === "enrolled" ? 201 : 200).send(result.enrolment);
      },
    );

    app.get(
      "/v1/docks",
      {
        ...staff,
        schema: {
          ...describe("listDocks", "The docks of the force"),
          response: { 200: DocksSchema, "4xx": ProblemSchema },
        },
      },
      async (request) => {
        const rows = await withForce(database, staffOf(request), listDocks);
        return { docks: rows.map(presentDock) };
      },
    );

    app.post(
      "/v1/docks/:dock/retire",
      {
        ...staff,
        schema: {
          ...describe("retireDock", "Take a dock out of service and revoke its certificate (administrators)"),
          params: Type.Object({ dock: DockIdSchema }),
          response: { 200: DockSchema, "4xx": ProblemSchema },
        },
      },
      async (request) => {
        const retired = await retireDock(ports, administratorOf(request), request.params.dock);
        if (retired === null) throw new Problem("not-found", "There is no such dock in your force.");
        return retired;
      },
    );

    app.get(
      "/v1/breaches",
      {
        ...staff,
        schema: {
          ...describe("listBreaches", "Possible breaches and until when each must be notified, newest first"),
          response: { 200: BreachesSchema, "4xx": ProblemSchema },
        },
      },
      async (request) => {
        const rows = await withForce(database, staffOf(request), (tx) => listBreaches(tx, pageSize));
        return { breaches: rows.map(presentBreach) };
      },
    );
  };
}
