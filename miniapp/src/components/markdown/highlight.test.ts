import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { piecesOf } from "./highlight.ts";
import { colouredAs, fileNameOf } from "./languages.ts";

describe("code in colours", () => {
  test("distinguishes keywords, names, numbers and words", () => {
    const pieces = piecesOf('def f(n):\n    return "a" * 2  # twice', "python");
    const kinds = Object.fromEntries(pieces.filter(({ kind }) => kind !== null).map(({ text, kind }) => [text, kind]));
    expect(kinds).toMatchObject({ def: "hljs-keyword", f: "hljs-title", '"a"': "hljs-string", "2": "hljs-number" });
  });

  test("is the same code, letter for letter, in every language it knows, whatever is in it", () => {
    const languages = ["bash", "c++", "html", "js", "json", "php", "py", "rs", "sql", "tsx", "yml", "diff", "toml"];
    const part = fc.constantFrom(
      "<b>",
      "&amp;",
      '"',
      "'",
      "`",
      "${",
      "}",
      "/*",
      "//",
      "\n",
      "def ",
      "<?php",
      "0x",
      "é",
      "👍",
    );
    fc.assert(
      fc.property(fc.constantFrom(...languages), fc.array(part, { maxLength: 60 }), (language, parts) => {
        const code = parts.join("");
        const pieces = piecesOf(code, colouredAs(language) ?? "");
        expect(pieces.map(({ text }) => text).join("")).toBe(code);
        for (const { kind } of pieces) expect(kind ?? "hljs-").toMatch(/^(hljs-|language-)/);
      }),
    );
  });

  test("names people write lead to a language and a file's ending; unknown ones to neither", () => {
    expect(["JavaScript", "C++", "sh", "yml", "html"].map(colouredAs)).toEqual([
      "javascript",
      "cpp",
      "bash",
      "yaml",
      "xml",
    ]);
    expect(["Python", "dockerfile", "mermaid", ""].map(fileNameOf)).toEqual([
      "code.py",
      "Dockerfile",
      "code.txt",
      "code.txt",
    ]);
    for (const unknown of ["constructor", "__proto__", "toString", "mermaid"]) expect(colouredAs(unknown)).toBeNull();
  });
});
