/** `/v1` from pages and apps of other origins: allowed with a key, refused with an error message without one. */
import * as fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openGateway } from "../testing/gateway.ts";
import type { TestGateway } from "../testing/gateway.ts";
import { testVocabularies } from "../testing/pool-stack.ts";
import { bodyOf } from "../testing/completions.ts";

const vocabularies = testVocabularies();
let gateway: TestGateway;
beforeAll(async () => {
  gateway = await openGateway(vocabularies);
});
afterAll(async () => {
  await gateway[Symbol.asyncDispose]();
  await vocabularies[Symbol.asyncDispose]();
});

const Origin = fc.oneof(
  fc.constantFrom("app://obsidian.md", "moz-extension://6f1b", "http://host.docker.internal:3080", "null"),
  fc.webUrl(),
);
const Path = fc.constantFrom("/v1/models", "/v1/models/none", "/v1/chat/completions", "/v1/embeddings", "/v1");

test("a preflight is answered for any Origin, path, method and header", async () => {
  await fc.assert(
    fc.asyncProperty(Origin, Path, fc.constantFrom("GET", "POST"), async (origin, path, method) => {
      const headers = {
        origin,
        "access-control-request-method": method,
        "access-control-request-headers": "authorization,content-type,x-stainless-os",
        "access-control-request-private-network": "true",
      };
      const response = await gateway.app.request(path, { method: "OPTIONS", headers });
      expect(response.status).toBe(204);
      expect(response.headers.get("access-control-allow-origin")).toBe("*");
      expect(response.headers.get("access-control-allow-methods")).toContain(method);
      expect(response.headers.get("access-control-allow-headers")).toContain("x-stainless-os");
      expect(response.headers.get("access-control-allow-private-network")).toBe("true");
      expect(response.headers.get("access-control-allow-credentials")).toBeNull();
    }),
    { numRuns: 40 },
  );
});

test("every response can be read from any Origin, and every refusal has the official shape", async () => {
  const Method = fc.constantFrom("GET", "POST", "PUT", "DELETE", "PATCH");
  const Sent = fc.constantFrom("{}", "", "{not json", `{"a":"${"x".repeat(1_100_000)}"}`);
  const seen = new Set<number>();
  await fc.assert(
    fc.asyncProperty(Origin, Path, Method, Sent, fc.boolean(), async (origin, path, method, sent, hasKey) => {
      const headers = {
        origin,
        "content-type": "application/json",
        ...(hasKey ? { authorization: `Bearer ${gateway.key}` } : {}),
      };
      const body = method === "GET" ? {} : { body: sent };
      const response = await gateway.app.request(path, { method, headers, ...body });
      seen.add(response.status);
      expect(response.headers.get("access-control-allow-origin")).toBe("*");
      expect(response.headers.get("access-control-expose-headers")).toContain("StarAI-Ignored");
      if (response.ok) return;
      expect((await bodyOf(response)).error).toSatisfy(isOfficial);
    }),
    { numRuns: 150 },
  );
  for (const status of [200, 400, 401, 404, 405, 413]) expect(seen).toContain(status);
});

function isOfficial(error: Awaited<ReturnType<typeof bodyOf>>["error"]): boolean {
  if (error === undefined || Object.keys(error).toSorted().join() !== "code,message,param,type") return false;
  const isParam = error.param === null || typeof error.param === "string";
  return isParam && /.{15,}\./.test(error.message) && error.type.endsWith("_error") && /^[a-z_]+$/.test(error.code);
}

test("outside /v1 no Origin is let in", async () => {
  for (const path of ["/healthz", "/api/status", "/v1x/models"]) {
    const headers = { origin: "https://elsewhere.example", "access-control-request-method": "GET" };
    for (const method of ["GET", "OPTIONS"]) {
      const response = await gateway.app.request(path, { method, headers });
      expect(response.headers.get("access-control-allow-origin")).toBeNull();
    }
  }
});
