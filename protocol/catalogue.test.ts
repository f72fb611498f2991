import { describe, expect, test } from "vitest";
import { CatalogueModel, DEFAULT_MODEL, PLUMBING_MODEL, SMALL_MODEL, loadCatalogue } from "./catalogue.ts";

const [first] = loadCatalogue().values();
const model = first!;

describe("the catalogue", () => {
  test("names each file once, by its id and by its hash", () => {
    const models = [...loadCatalogue().values()];
    expect(models.length).toBeGreaterThan(2);
    for (const key of ["id", "sha256", "file"] as const)
      expect(new Set(models.map((each) => each[key])).size).toBe(models.length);
  });

  test("holds every model that is chosen by name, tried and with a source", () => {
    const catalogue = loadCatalogue();
    for (const id of [DEFAULT_MODEL, SMALL_MODEL, PLUMBING_MODEL]) {
      expect(catalogue.get(id)).toMatchObject({
        id,
        tried: true,
        sources: expect.arrayContaining([expect.anything()]) as unknown[],
      });
    }
    expect(catalogue.get(SMALL_MODEL)!.bytes).toBeLessThan(catalogue.get(DEFAULT_MODEL)!.bytes);
  });

  test("takes a machine's own model after its own, and in place of one of the same id", () => {
    const own = { ...model, id: "own", sources: [] };
    expect([...loadCatalogue([own]).keys()].at(-1)).toBe("own");
    expect(loadCatalogue([{ ...model, name: "Mine" }]).get(model.id)?.name).toBe("Mine");
    expect(loadCatalogue([{ ...model, name: "Mine" }]).size).toBe(loadCatalogue().size);
  });
});

/** Each is one change of a model that is in the catalogue, and the field that must be named. */
const FAULTS: readonly [string, string, object][] = [
  ["an id with a space", "id", { id: "my model" }],
  ["an id that begins with a dot", "id", { id: ".hidden" }],
  ["an id without end", "id", { id: "x".repeat(121) }],
  ["a file in another folder", "file", { file: "../secret.gguf" }],
  ["a file of another kind", "file", { file: "model.bin" }],
  ["a hash in capitals", "sha256", { sha256: model.sha256.toUpperCase() }],
  ["half a hash", "sha256", { sha256: model.sha256.slice(32) }],
  ["a size that is no whole number", "bytes", { bytes: 0.5 }],
  ["no context", "contextTokens", { contextTokens: 0 }],
  ["a template nobody knows", "template", { template: "vicuna" }],
  ["more examples than any", "tier.examples", { tier: { ...model.tier, examples: 21 } }],
  ["a source without encryption", "sources.0.url", { sources: [{ kind: "hub", url: "http://example.org/x.gguf" }] }],
  ["a source of no parts", "sources.0.parts", { sources: [{ kind: "python", parts: [] }] }],
  ["a source nobody knows", "sources.0.kind", { sources: [{ kind: "torrent", url: "https://example.org/" }] }],
  ["a fact nobody knows", "", { colour: "red" }],
];

test.each(FAULTS)("a model with %s is refused for its %j", (_what, path, change) => {
  const { error } = CatalogueModel.safeParse({ ...model, ...change });
  expect(error?.issues.map((issue) => issue.path.join("."))).toEqual([path]);
});
