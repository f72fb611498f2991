import { loadCatalogue } from "@starai/protocol/catalogue";
import type { CatalogueModel } from "@starai/protocol/catalogue";
import { expect, test } from "vitest";
import { catalogued } from "../open-engines.ts";
import { missingLines } from "./inspect-groups.ts";

const GB = 1e9;
/** In a pool whose machines lend this much, the largest first. */
const missing = (models: readonly CatalogueModel[], freeBytes: number, ...lentBytes: number[]) =>
  missingLines(models, { freeBytes, lentBytes });
const large = catalogued("qwen2.5-14b-instruct");

test("a model that does not fit is told with what is missing, and with how many more machines it would fit", () => {
  expect(missing([large], 7 * GB)).toEqual([
    "With 2.8 GB more, or one more machine like this one, you could serve qwen2.5-14b-instruct.",
  ]);
  expect(missing([large], 4 * GB)).toEqual([
    "With 5.8 GB more, or two more machines like this one, you could serve qwen2.5-14b-instruct.",
  ]);
});

test("where even four such machines are too small, only the memory is told", () => {
  expect(missing([large], 2 * GB)).toEqual(["With 7.8 GB more you could serve qwen2.5-14b-instruct."]);
});

test("machines that the pool has count with what they lend, where even four like this one are too small, too", () => {
  expect(missing([large], 4 * GB, 12 * GB, 1 * GB)).toEqual([
    "With 5.8 GB more, two more machines like this one, or one of the pool's machines, you could serve qwen2.5-14b-instruct.",
    expect.stringContaining("enough at stake"),
  ]);
  expect(missing([large], 2 * GB, 6 * GB, 5 * GB)).toEqual([
    "With 7.8 GB more, or two of the pool's machines, you could serve qwen2.5-14b-instruct.",
    expect.stringContaining("enough at stake"),
  ]);
});

test("machines of the pool that are too small are not named", () => {
  expect(missing([large], 2 * GB, 1 * GB, 1 * GB, 1 * GB)).toEqual([
    "With 7.8 GB more you could serve qwen2.5-14b-instruct.",
  ]);
});

test("a mixture of experts is not split", () => {
  const [line] = missing([catalogued("qwen3-30b-a3b-instruct-2507")], 16 * GB);
  expect(line).toMatch(/^With \d+\.\d GB more you could serve .*, which is served whole only\.$/);
});

test("nothing is missing where everything fits", () => {
  expect(missing([...loadCatalogue().values()], 64 * GB)).toEqual([]);
});
