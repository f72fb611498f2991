/** Of the worker in this checkout: what a machine says that it runs, and what the pool tells owners of older ones to install. */
export const WORKER_VERSION = "0.1.0";

const READABLE = /^(\d{1,6})\.(\d{1,6})\.(\d{1,6})$/;

/** Whether a machine's version is older than the other; false where it is none that can be read. */
export function isOlderVersion(version: string, than: string): boolean {
  const [one, other] = [partsOf(version), partsOf(than)];
  if (one === null || other === null) return false;
  const at = one.findIndex((part, index) => part !== other[index]);
  return at >= 0 && one[at]! < other[at]!;
}

function partsOf(version: string): number[] | null {
  return READABLE.exec(version)?.slice(1).map(Number) ?? null;
}
