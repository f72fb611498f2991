// Finds files that import each other in a circle.

/** Groups of files that reach each other, as strongly connected components of the import graph (Tarjan 1972). */
export function circlesOf(imports) {
  const known = new Map(imports.map(([file, to]) => [file, { file, to, at: 0, low: 0, onStack: false }]));
  const found = [];
  const stack = [];
  let count = 0;
  const walk = (one) => {
    one.at = one.low = ++count;
    one.onStack = true;
    stack.push(one);
    for (const other of [...one.to].map((file) => known.get(file)).filter(Boolean)) {
      if (other.at === 0) walk(other);
      if (other.onStack) one.low = Math.min(one.low, other.low);
    }
    if (one.low !== one.at) return;
    const circle = stack.splice(stack.indexOf(one));
    for (const member of circle) member.onStack = false;
    if (circle.length > 1) found.push(circle.map(({ file }) => file));
  };
  for (const one of known.values()) if (one.at === 0) walk(one);
  return found;
}
