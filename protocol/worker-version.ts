/**
 * Of the worker in this checkout: what a machine says that it runs, and what the pool tells owners of others to install.
 *
 * The three numbers are kept by hand. A copy that came from `/join` adds its build, the first characters of its archive's
 * sha256, which no change of its files escapes; a clone has none and is known by its numbers alone.
 */
export const WORKER_VERSION = "0.1.0";

/** Characters of the sha256: enough to tell builds apart, not to trust. `/join` names the folders of copies by them. */
export const BUILD_CHARS = 12;

const BUILD = new RegExp(`^[0-9a-f]{${BUILD_CHARS}}$`);
const READABLE = new RegExp(`^(\\d{1,6})\\.(\\d{1,6})\\.(\\d{1,6})(?:\\+([0-9a-f]{${BUILD_CHARS}}))?$`);

export const isBuild = (text: string): boolean => BUILD.test(text);

/** @param build  null: a clone's */
export const versionOf = (build: string | null): string =>
  build === null ? WORKER_VERSION : `${WORKER_VERSION}+${build}`;

/**
 * Whether a machine runs something else than what the pool hands out: an older version, or of the same another build.
 * False where it is none that can be read, a newer one, or where one of the two has no build.
 */
export function isOutdated(version: string, handedOut: string): boolean {
  const [one, other] = [partsOf(version), partsOf(handedOut)];
  if (one === null || other === null) return false;
  const at = one.numbers.findIndex((number, index) => number !== other.numbers[index]);
  if (at >= 0) return one.numbers[at]! < other.numbers[at]!;
  return one.build !== undefined && other.build !== undefined && one.build !== other.build;
}

function partsOf(version: string): { numbers: number[]; build: string | undefined } | null {
  const found = READABLE.exec(version);
  return found && { numbers: found.slice(1, 4).map(Number), build: found[4] };
}
