/** Which tests reach a source file through their imports, and how far away it is from each. */
import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import ts from "typescript";

/** The tests that import `file`, the nearest first; a test beside it of the same name comes before all others. */
export function relatedTests(root: string, file: string, tests: readonly string[]): string[] {
  const graph = graphOf(root);
  const distances = tests.map((test) => ({ test, distance: distance(graph, test, file) }));
  const beside = file.replace(/\.ts$/, "");
  const rank = ({ test, distance }: { test: string; distance: number }) =>
    distance + (test.startsWith(`${beside}.`) ? -1_000 : path.dirname(test) === path.dirname(file) ? -0.5 : 0);
  return distances
    .filter((one) => one.distance < Infinity)
    .sort((a, b) => rank(a) - rank(b) || a.test.localeCompare(b.test))
    .map(({ test }) => test);
}

type Graph = (file: string) => readonly string[];

const graphs = new Map<string, Graph>();

/** Reads each file once. */
function graphOf(root: string): Graph {
  const known = graphs.get(root);
  if (known) return known;
  const read = new Map<string, readonly string[]>();
  const graph: Graph = (file) => {
    const imports = read.get(file) ?? importsOf(root, file);
    read.set(file, imports);
    return imports;
  };
  graphs.set(root, graph);
  return graph;
}

/** Steps over imports from one file to the other; Infinity where there is no way. */
function distance(graph: Graph, from: string, to: string): number {
  const seen = new Set([from]);
  let ring = [from];
  for (let steps = 0; ring.length > 0; steps++) {
    if (ring.includes(to)) return steps;
    ring = ring.flatMap((file) => graph(file)).filter((file) => !seen.has(file) && seen.add(file));
  }
  return Infinity;
}

/** The project's own files that a file imports for their values. */
function importsOf(root: string, file: string): string[] {
  const full = path.join(root, file);
  if (!file.endsWith(".ts") || !existsSync(full)) return [];
  const source = ts.createSourceFile(file, readFileSync(full, "utf8"), ts.ScriptTarget.Latest);
  const names = source.statements.flatMap((statement) => {
    if (ts.isImportDeclaration(statement) && !statement.importClause?.isTypeOnly) return [statement.moduleSpecifier];
    if (ts.isExportDeclaration(statement) && !statement.isTypeOnly) return [statement.moduleSpecifier];
    return [];
  });
  return names
    .flatMap((name) => (name && ts.isStringLiteral(name) ? [name.text] : []))
    .flatMap((name) => resolved(file, name));
}

function resolved(file: string, name: string): string[] {
  if (name.startsWith(".")) return [path.join(path.dirname(file), name)];
  const [, room, rest] = /^@starai\/(\w+)\/(.+)$/.exec(name) ?? [];
  if (!room || !rest) return [];
  const folder = room === "protocol" || room === "contracts" ? room : `${room}/src`;
  return [`${folder}/${rest.endsWith(".ts") ? rest : `${rest}.ts`}`];
}
