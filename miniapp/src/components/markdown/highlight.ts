/**
 * Code in colours. The library is loaded in its own chunk with the first block of a language it knows, and returns a tree
 * of words and their kinds: none of its output becomes HTML.
 */
import bash from "highlight.js/lib/languages/bash";
import c from "highlight.js/lib/languages/c";
import cpp from "highlight.js/lib/languages/cpp";
import csharp from "highlight.js/lib/languages/csharp";
import css from "highlight.js/lib/languages/css";
import diff from "highlight.js/lib/languages/diff";
import dockerfile from "highlight.js/lib/languages/dockerfile";
import go from "highlight.js/lib/languages/go";
import ini from "highlight.js/lib/languages/ini";
import java from "highlight.js/lib/languages/java";
import javascript from "highlight.js/lib/languages/javascript";
import json from "highlight.js/lib/languages/json";
import kotlin from "highlight.js/lib/languages/kotlin";
import php from "highlight.js/lib/languages/php";
import python from "highlight.js/lib/languages/python";
import ruby from "highlight.js/lib/languages/ruby";
import rust from "highlight.js/lib/languages/rust";
import sql from "highlight.js/lib/languages/sql";
import swift from "highlight.js/lib/languages/swift";
import typescript from "highlight.js/lib/languages/typescript";
import xml from "highlight.js/lib/languages/xml";
import yaml from "highlight.js/lib/languages/yaml";
import { createLowlight } from "lowlight";

const TO_JAVASCRIPT = { bash, c, cpp, csharp, css, diff, dockerfile, go, ini, java, javascript };
const FROM_JSON = { json, kotlin, php, python, ruby, rust, sql, swift, typescript, xml, yaml };
const lowlight = createLowlight({ ...TO_JAVASCRIPT, ...FROM_JSON });

/** A stretch of code; `kind` is the library's class, e.g. `hljs-keyword`, and null between the words it knows. */
export interface CodePiece {
  text: string;
  kind: string | null;
}

/** @param language  a name returned by `colouredAs` (languages.ts) */
export function piecesOf(code: string, language: string): CodePiece[] {
  const pieces: CodePiece[] = [];
  collect(lowlight.highlight(language, code).children, null, pieces);
  return pieces;
}

type Node = ReturnType<typeof lowlight.highlight>["children"][number];

function collect(nodes: readonly Node[], kind: string | null, into: CodePiece[]): void {
  for (const node of nodes) {
    if (node.type === "text") into.push({ text: node.value, kind });
    else if (node.type === "element") collect(node.children, kindOf(node.properties.className) ?? kind, into);
  }
}

function kindOf(className: unknown): string | null {
  const first: unknown = Array.isArray(className) ? className[0] : null;
  return typeof first === "string" ? first : null;
}
