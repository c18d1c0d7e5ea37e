// The API's description: OpenAPI 3.1 at /openapi.json and a page at /docs/, both from the routes themselves and
// without a request to any other host. A schema with a title is a named component.
import swagger from "@fastify/swagger";
import swaggerUi from "@fastify/swagger-ui";
import type { HttpApp } from "./app.ts";

type Json = null | boolean | number | string | Json[] | { [name: string]: Json };

function hoist(value: Json, components: { [name: string]: Json }): Json {
  if (Array.isArray(value)) return value.map((item) => hoist(item, components));
  if (value === null || typeof value !== "object") return value;
  const copy = Object.fromEntries(
    Object.entries(value).map(([name, item]) => [name, hoist(item, components)]),
  );
  const title = copy["title"];
  const isSchema = "type" in copy || "anyOf" in copy || "allOf" in copy;
  if (typeof title !== "string" || !isSchema || !/^[A-Z][A-Za-z0-9]*$/.test(title)) return copy;
  components[title] = copy;
  return { $ref: `#/components/schemas/${title}` };
}

/** Moves each titled schema of an OpenAPI document to its components. */
function nameComponents(document: Record<string, unknown>): Record<string, unknown> {
  const components: { [name: string]: Json } = {};
  const plain = JSON.parse(JSON.stringify(document)) as { [name: string]: Json };
  const paths = hoist(plain["paths"] ?? {}, components);
  const known = plain["components"];
  const before = known !== null && typeof known === "object" && !Array.isArray(known) ? known : {};
  const sorted = Object.fromEntries(Object.entries(components).sort(([a], [b]) => (a < b ? -1 : 1)));
  return { ...plain, paths, components: { ...before, schemas: sorted } };
}

/** Describes the routes that are registered after it. */
export async function describeApi(app: HttpApp, version: string): Promise<void> {
  await app.register(swagger, {
    openapi: {
      openapi: "3.1.0",
      info: {
        title: "Sworn",
        version,
        description: "Body-worn video from the camera to the court and to its destruction.",
        license: { name: "Apache-2.0", identifier: "Apache-2.0" },
      },
      components: {
        securitySchemes: { apiKey: { type: "http", scheme: "bearer", description: "A personal API key." } },
      },
    },
    transformObject: (documents) =>
      nameComponents(
        ("openapiObject" in documents ? documents.openapiObject : {}) as Record<string, unknown>,
      ),
  });
  await app.register(swaggerUi, {
    routePrefix: "/docs",
    // The page's own logo is a link to elsewhere.
    logo: null as never,
    uiConfig: { validatorUrl: null, deepLinking: true, supportedSubmitMethods: [] },
  });
  app.get("/openapi.json", { schema: { hide: true } }, () => app.swagger());
}
