/**
 * Checks recursive schemas. Each definition must have a finite value, and must not refer to itself before any text is
 * written: `a` = `a` or text would be left recursion, which engines' grammars do not allow.
 */
import { fault } from "./schema-place.ts";
import type { LintedSchema, Shape } from "./shape.ts";

export function checkSatisfiable(linted: LintedSchema): void {
  checkProgress(linted);
  checkFinite(linted);
}

/** Marks definitions with a finite value, given those already marked, until no more are found. */
function checkFinite({ definitions }: LintedSchema): void {
  const finite = new Set<string>();
  const open = new Map(definitions);
  for (let grew = true; grew;) {
    grew = false;
    for (const [pointer, shape] of open) {
      if (!hasFiniteValue(shape, finite)) continue;
      finite.add(pointer);
      open.delete(pointer);
      grew = true;
    }
  }
  const [endless] = open.keys();
  if (endless !== undefined) {
    throw fault(endless, "every value would contain itself for ever; make the recursive member optional");
  }
}

function hasFiniteValue(shape: Shape, finite: ReadonlySet<string>): boolean {
  if (shape.kind === "ref") return finite.has(shape.pointer);
  if (shape.kind === "union") return shape.members.some((member) => hasFiniteValue(member, finite));
  if (shape.kind === "array") return shape.min === 0 || hasFiniteValue(shape.item, finite);
  if (shape.kind !== "object") return true;
  return shape.properties.every((property) => !property.required || hasFiniteValue(property.shape, finite));
}

function checkProgress({ definitions }: LintedSchema): void {
  const done = new Set<string>();
  const open = new Set<string>();
  const visit = (pointer: string): void => {
    if (done.has(pointer)) return;
    if (open.has(pointer))
      throw fault(pointer, "this definition refers to itself without writing anything; remove the cycle");
    open.add(pointer);
    for (const next of reachedAtOnce(definitions.get(pointer))) visit(next);
    open.delete(pointer);
    done.add(pointer);
  };
  for (const pointer of definitions.keys()) visit(pointer);
}

/** Definitions that this shape refers to before any text is written. */
function reachedAtOnce(shape: Shape | undefined): string[] {
  if (shape?.kind === "ref") return [shape.pointer];
  return shape?.kind === "union" ? shape.members.flatMap(reachedAtOnce) : [];
}
