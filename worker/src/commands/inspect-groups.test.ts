import { loadCatalogue } from "@starai/protocol/catalogue";
import { expect, test } from "vitest";
import { catalogued } from "../open-engines.ts";
import { missingLines } from "./inspect-groups.ts";

const GB = 1e9;
const large = catalogued("qwen2.5-14b-instruct");

test("a model that does not fit is told with what is missing, and with how many more machines it would fit", () => {
  expect(missingLines([large], 7 * GB)).toEqual([
    "With 2.8 GB more, or one more machine like this one, you could serve qwen2.5-14b-instruct.",
  ]);
  expect(missingLines([large], 4 * GB)).toEqual([
    "With 5.8 GB more, or two more machines like this one, you could serve qwen2.5-14b-instruct.",
  ]);
});

test("where even four such machines are too small, only the memory is told", () => {
  expect(missingLines([large], 2 * GB)).toEqual(["With 7.8 GB more you could serve qwen2.5-14b-instruct."]);
});

test("a mixture of experts is not split", () => {
  const [line] = missingLines([catalogued("qwen3-30b-a3b-instruct-2507")], 16 * GB);
  expect(line).toMatch(/^With \d+\.\d GB more you could serve .*, which is served whole only\.$/);
});

test("nothing is missing where everything fits", () => {
  expect(missingLines([...loadCatalogue().values()], 64 * GB)).toEqual([]);
});
