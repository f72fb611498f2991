import { expect, test } from "vitest";
import { operatorSpaces } from "./operator-spaces.ts";

const element = (text: string) => ({
  type: "element",
  tagName: /^[\p{L}\p{N}]+$/u.test(text) ? "mi" : "mo",
  children: [{ type: "text", value: text }],
});

/** A row as KaTeX makes it: letters are `mi`, signs `mo`, and `log` is followed by the function application sign. */
function row(...texts: string[]) {
  const children = texts.flatMap((text) => (text === "log" ? [element(text), element("\u2061")] : [element(text)]));
  return { type: "root", children: [{ type: "element", tagName: "mrow", children }] };
}

function spaced(...texts: string[]): string {
  const tree = row(...texts);
  operatorSpaces()(tree);
  return (tree.children[0]?.children ?? [])
    .map((child) => (child.tagName === "mspace" ? " " : (child.children[0]?.value ?? "")))
    .join("")
    .replaceAll("\u2061", "");
}

test("a function's name is spaced from the letters beside it", () => {
  expect(spaced("O", "(", "n", "log", "n", ")")).toBe("O(n log n)");
  expect(spaced("(", "a", ")", "log", "log", "n")).toBe("(a) log log n");
});

test("a function's name is not spaced from a bracket or a sign, nor are other letters from each other", () => {
  expect(spaced("log", "(", "n", ")", "+", "log", "n")).toBe("log(n)+log n");
  expect(spaced("a", "b", "c")).toBe("abc");
});
