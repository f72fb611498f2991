import { mkdtempSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import http from "node:http";
import type { AddressInfo } from "node:net";
import os from "node:os";
import path from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { DEFAULT_MODEL, loadCatalogue, SMALL_MODEL } from "@starai/protocol/catalogue";
import type { CatalogueModel } from "@starai/protocol/catalogue";
import type { Gpu } from "@starai/worker/machine";
import { bestModel } from "./best-model.ts";
import { chooseModel } from "./choose-model.ts";

const SMALLEST_BETTER = "qwen3-4b-instruct-2507";

/** Stands in for the publishers' hub: redirects every request to its store, as the real one does. */
let hub: http.Server;
/** The store's response handler. */
let store: (model: CatalogueModel, response: http.ServerResponse) => void;
let asked: string[];
let folder: string;

const gives = ({ bytes }: CatalogueModel, response: http.ServerResponse) =>
  response.writeHead(206, { "content-range": `bytes 0-3/${bytes}` }).end("GGUF");

beforeAll(async () => {
  hub = http.createServer((request, response) => {
    const [, place, id = ""] = new URL(request.url ?? "", "http://hub").pathname.split("/");
    if (place === "resolve") return void response.writeHead(302, { location: `/store/${id}` }).end();
    asked.push(id);
    const model = loadCatalogue().get(id);
    if (model && request.headers.range === "bytes=0-3") store(model, response);
    else response.writeHead(400).end();
  });
  await new Promise<void>((resolve) => hub.listen(0, "127.0.0.1", resolve));
});
afterAll(() => {
  hub.closeAllConnections();
  hub.close();
});
beforeEach(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), "starai-best-"));
  store = gives;
  asked = [];
});
afterEach(() => rmSync(folder, { recursive: true }));

const urlOf = (id: string) => `http://127.0.0.1:${(hub.address() as AddressInfo).port}/resolve/${id}`;

/** The real catalogue with its hub sources pointing at this test's hub. */
function catalogue() {
  const models = [...loadCatalogue().values()].map((model) => {
    const sources = model.sources.map((source) =>
      source.kind === "hub" ? { ...source, url: urlOf(model.id) } : source,
    );
    return [model.id, { ...model, sources }] as const;
  });
  return new Map<string, CatalogueModel>(models);
}

const card = (freeBytes: number): Gpu => ({ name: "card", kind: "cuda", memoryBytes: freeBytes, freeBytes });
const PLAIN = { cores: 8, freeBytes: 16e9, gpus: [] };

async function chosen(machine: { cores: number; freeBytes: number; gpus: Gpu[] } = PLAIN) {
  const { model, reason } = await bestModel({ catalogue: catalogue(), modelsFolder: folder, machine });
  return [model.id, reason];
}

/** Creates a sparse file of the model's size, or the beginning of a download. */
function put(id: string, part?: "partial"): void {
  const model = loadCatalogue().get(id);
  const file = path.join(folder, `${model?.file}${part ? ".part" : ""}`);
  writeFileSync(file, "GGUF");
  if (!part) truncateSync(file, model?.bytes);
}

const BEST = "the best that fits this machine and whose source answers (not tried by StarAI's own tests)";
const BEFORE = "it is on this machine already, whole or in part";

test("a machine that reaches the hub gets the largest model that fits it, marked as not tried", async () => {
  expect(await chosen()).toEqual([SMALLEST_BETTER, BEST]);
  expect(await chosen({ ...PLAIN, gpus: [card(12e9)] })).toEqual(["qwen2.5-14b-instruct", BEST]);
  expect(await chosen({ ...PLAIN, gpus: [card(24e9)] })).toEqual(["qwen3-30b-a3b-instruct-2507", BEST]);
});

test("a model that would run slowly or lack room for a conversation is not chosen, and no hub is asked", async () => {
  const machines = [
    [{ ...PLAIN, cores: 2 }, DEFAULT_MODEL],
    [{ ...PLAIN, freeBytes: 4.5e9 }, DEFAULT_MODEL],
    [{ ...PLAIN, freeBytes: 3.9e9 }, SMALL_MODEL],
  ] as const;
  for (const [machine, id] of machines)
    expect(await chosen({ ...machine, gpus: [] })).toEqual([id, "no larger one fits this machine"]);
  expect(asked).toEqual([]);
});

const UNREACHABLE = "larger ones would fit, but 127.0.0.1:";
test.each<[string, typeof store]>([
  ["refuses", (_, response) => response.writeHead(403).end()],
  [
    "is a network's login page",
    (_, response) => response.writeHead(200, { "content-type": "text/html" }).end("<html>"),
  ],
  [
    "has another file",
    ({ bytes }, response) => response.writeHead(206, { "content-range": `bytes 0-3/${bytes + 1}` }).end("GGUF"),
  ],
  [
    "has a file that is not a model",
    ({ bytes }, response) => response.writeHead(206, { "content-range": `bytes 0-3/${bytes}` }).end("<htm"),
  ],
  [
    "sends without end",
    ({ bytes }, response) => {
      response.writeHead(206, { "content-range": `bytes 0-3/${bytes}` });
      const more = () => void (!response.destroyed && response.write("GGUF".repeat(1_000), () => setImmediate(more)));
      more();
    },
  ],
  ["breaks off", (_, response) => response.destroy()],
  // The probe times out after three seconds, so the start does not hang.
  ["never answers", () => undefined],
])("a machine whose hub %s gets the shipped model", async (_, behaves) => {
  store = behaves;
  const [id, reason] = await chosen();
  expect(id).toBe(DEFAULT_MODEL);
  expect(reason).toContain(UNREACHABLE);
  expect(asked).toEqual([SMALLEST_BETTER]);
});

test("a model that is already downloaded comes first, whether or not the hub answers", async () => {
  put(DEFAULT_MODEL);
  expect(await chosen()).toEqual([DEFAULT_MODEL, BEFORE]);
  put(SMALLEST_BETTER);
  store = (_, response) => response.destroy();
  expect(await chosen()).toEqual([SMALLEST_BETTER, `${BEFORE} (not tried by StarAI's own tests)`]);
  expect(asked).toEqual([]);
});

test("a partial download is continued instead of starting another model's", async () => {
  put("qwen2.5-7b-instruct", "partial");
  expect((await chosen({ ...PLAIN, gpus: [card(24e9)] }))[0]).toBe("qwen2.5-7b-instruct");
  expect(asked).toEqual(["qwen2.5-7b-instruct"]);
  // While its source does not answer, the shipped model is chosen.
  store = (_, response) => response.destroy();
  expect((await chosen({ ...PLAIN, gpus: [card(24e9)] }))[0]).toBe(DEFAULT_MODEL);
});

test("a file of another size than the catalogue's does not count as downloaded", async () => {
  writeFileSync(path.join(folder, loadCatalogue().get(SMALLEST_BETTER)?.file ?? ""), "GGUF");
  expect(await chosen()).toEqual([SMALLEST_BETTER, BEST]);
});

test("the model that STARAI_MODEL names is chosen without asking a hub and without a reason", async () => {
  expect(await chooseModel(SMALL_MODEL, folder)).toMatchObject({ model: { id: SMALL_MODEL }, reason: null });
});
