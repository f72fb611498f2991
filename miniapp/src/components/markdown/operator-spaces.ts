/**
 * Thin spaces around the names of functions, as in print: `n log n`, `sin x`. KaTeX leaves them to the styles of its
 * own fonts, which MathML does not use.
 */
interface Node {
  type: string;
  tagName?: string;
  value?: string;
  properties?: Record<string, unknown>;
  children?: Node[];
}

/** The function application sign, which KaTeX writes after a function's name. */
const APPLIED = "\u2061";

export function operatorSpaces() {
  return (tree: Node): void => spaceInside(tree);
}

function spaceInside(node: Node): void {
  const { children } = node;
  if (children === undefined) return;
  for (const child of children) spaceInside(child);
  if (!children.some((child) => textOf(child) === APPLIED)) return;
  node.children = children.flatMap((child, at) => {
    if (textOf(children[at + 1]) === APPLIED && endsTerm(children[at - 1])) return [thinSpace(), child];
    if (textOf(child) === APPLIED && beginsTerm(children[at + 1])) return [child, thinSpace()];
    return [child];
  });
}

const textOf = (node: Node | undefined): string => node?.value ?? node?.children?.map(textOf).join("") ?? "";
const isSign = (node: Node): boolean => node.tagName === "mo";
/** `n log`, `) log`: but `+ log` and `( log` are spaced by their own signs. */
const endsTerm = (node: Node | undefined): boolean =>
  node !== undefined && (!isSign(node) || /^[)\]}|!]$/.test(textOf(node)));
/** `log n`: but `log(n)` has no space. */
const beginsTerm = (node: Node | undefined): boolean => node !== undefined && !isSign(node);

function thinSpace(): Node {
  return { type: "element", tagName: "mspace", properties: { width: "0.1667em" }, children: [] };
}
