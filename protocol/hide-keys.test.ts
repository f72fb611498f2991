import * as fc from "fast-check";
import { expect, test } from "vitest";
import { hideKeys } from "./hide-keys.ts";

const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
const secret = fc.string({ unit: fc.constantFrom(...alphabet.split("")), minLength: 1, maxLength: 43 });

test("no key or beginning of one is left in any text, and the words around it are", () => {
  const words = fc.string().filter((text) => !/sk|starai/i.test(text) && !/^[\w%-]/.test(text));
  fc.assert(
    fc.property(fc.string(), secret, words, (before, end, after) => {
      fc.pre(!/sk|starai/i.test(before));
      expect(hideKeys(`${before}sk-starai-${end}${after}`)).toBe(`${before}sk-starai-[hidden]${after}`);
    }),
  );
});

test.each([
  ["an address", "GET /v1/models/sk%2Dstarai%2DABC", "GET /v1/models/sk-starai-[hidden]"],
  ["an address escaped twice", "sk%252dstarai%252dABC%2F", "sk-starai-[hidden]"],
  ["capitals", "SK-STARAI-ABC", "sk-starai-[hidden]"],
  ["two in one line", "sk-starai-a, sk-starai-b", "sk-starai-[hidden], sk-starai-[hidden]"],
])("a key is hidden in %s", (_where, text, hidden) => {
  expect(hideKeys(text)).toBe(hidden);
});

test("what only looks like the beginning of a key stays, and a hidden text stays as it is", () => {
  for (const text of ["", "sk-starai", "sk-starai-", "ask-starai.org", "sk-proj-abc", "sk-starai-[hidden]"])
    expect(hideKeys(text)).toBe(text);
});
