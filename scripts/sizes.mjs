// How large the code is, workspace by workspace, and which files import each other in a circle. `npm run check` prints it and
// fails where the long tail grows. Tests are counted apart.
import { readFileSync } from "node:fs";
import path from "node:path";
import ts from "typescript";
import { circlesOf } from "./circles.mjs";

/** Bounds on the 95th percentile over all workspaces. */
const FUNCTION_LINES_MAX = 30;
const FILE_LINES_MAX = 250;

const TEST = /\.test\.tsx?$|\/testing\/|\/test-[^/]*$|^(contracts|sandbox)\/tests\//;
/** Generated files. */
const MADE = /^contracts\/artefacts\/|^migrations\//;

/** Checks these files, given as paths from the root. */
export function checkSizes(files) {
  const sources = files.filter((file) => /\.(ts|tsx|mjs|cjs|js)$/.test(file) && !MADE.test(file)).map(measure);
  const code = sources.filter(({ file }) => !TEST.test(file));
  const names = [...new Set(sources.map(workspaceOf))].sort((one, other) => one.localeCompare(other));
  const rows = names.map((name) =>
    rowOf(
      name,
      sources.filter((source) => workspaceOf(source) === name),
    ),
  );
  const total = rowOf("all", sources);
  const byValue = circlesOf(code.map(({ file, values }) => [file, values]));
  const byType = circlesOf(code.map(({ file, imports }) => [file, imports]));
  const faults = [
    ...(total.functionLines.p95 > FUNCTION_LINES_MAX ? [`functions: p95 is above ${FUNCTION_LINES_MAX} lines`] : []),
    ...(total.fileLines.p95 > FILE_LINES_MAX ? [`files: p95 is above ${FILE_LINES_MAX} lines`] : []),
  ];
  return {
    ok: faults.length === 0 && code.length > 0,
    looked: `${code.length} files without tests; circles: ${byValue.length} by value, ${byType.length} with types`,
    out: faults.join("\n"),
    table: [...tableOf([...rows, total]), ...byType.map((circle) => `circle: ${circle.join(", ")}`)].join("\n"),
  };
}

function workspaceOf({ file }) {
  return file.includes("/") ? file.split("/")[0] : "(root)";
}

/** Lines, lines of each function, and the files that one file imports from its own workspace. */
function measure(file) {
  const text = readFileSync(file, "utf8");
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true);
  const measured = { file, lines: source.getLineStarts().length - (text.endsWith("\n") ? 1 : 0), functions: [] };
  const imports = new Set();
  const values = new Set();
  visit(source, (node) => {
    if (isFunction(node)) measured.functions.push(linesOf(source, node));
    const to = (ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) && targetOf(file, node);
    if (!to) return;
    imports.add(to);
    if (!isTypeOnly(node)) values.add(to);
  });
  return { ...measured, imports, values };
}

function visit(node, look) {
  look(node);
  ts.forEachChild(node, (child) => visit(child, look));
}

/** Functions, methods and arrows with a body of statements: an arrow with an expression is part of a line. */
function isFunction(node) {
  return ts.isFunctionLike(node) && node.body !== undefined && ts.isBlock(node.body);
}

function linesOf(source, node) {
  const line = (at) => source.getLineAndCharacterOfPosition(at).line;
  return line(node.getEnd()) - line(node.getStart(source)) + 1;
}

/** Only relative imports: between workspaces the import rules leave no way back. */
function targetOf(file, { moduleSpecifier }) {
  const name = moduleSpecifier && ts.isStringLiteral(moduleSpecifier) ? moduleSpecifier.text : "";
  return name.startsWith(".") ? path.posix.join(path.posix.dirname(file), name) : null;
}

function isTypeOnly(node) {
  if (ts.isExportDeclaration(node)) return node.isTypeOnly;
  const clause = node.importClause;
  if (!clause) return false;
  const named = clause.namedBindings && ts.isNamedImports(clause.namedBindings) ? clause.namedBindings.elements : [];
  return clause.isTypeOnly || (!clause.name && named.length > 0 && named.every((one) => one.isTypeOnly));
}

function rowOf(name, sources) {
  const code = sources.filter(({ file }) => !TEST.test(file));
  return {
    name,
    files: code.length,
    lines: linesIn(code),
    fileLines: spread(code.map(({ lines }) => lines)),
    functionLines: spread(code.flatMap(({ functions }) => functions)),
    tests: linesIn(sources.filter(({ file }) => TEST.test(file))) / (linesIn(code) || 1),
  };
}

function linesIn(sources) {
  return sources.reduce((sum, { lines }) => sum + lines, 0);
}

function spread(values) {
  const sorted = values.toSorted((one, other) => one - other);
  const at = (share) => sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? 0;
  return { p50: at(0.5), p95: at(0.95), max: at(1) };
}

function three({ p50, p95, max }) {
  return `${p50}/${p95}/${max}`;
}

function tableOf(rows) {
  const heads = ["workspace", "files", "lines", "file p50/p95/max", "function p50/p95/max", "tests : source"];
  const cells = rows.map((row) => [
    row.name,
    row.files,
    row.lines,
    three(row.fileLines),
    three(row.functionLines),
    row.tests.toFixed(2),
  ]);
  const widths = heads.map((head, column) => Math.max(head.length, ...cells.map((row) => String(row[column]).length)));
  return [heads, ...cells].map((row) =>
    row
      .map((cell, column) => (column === 0 ? cell.padEnd(widths[0]) : String(cell).padStart(widths[column])))
      .join("  "),
  );
}
