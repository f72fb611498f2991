/** A made-up name for an unnamed machine. The host name often is its owner's, and everybody who chats would read it. */

const QUALITIES =
  "amber bold brisk calm clever cosy dapper eager fair fleet gentle glad keen kind lively lucky mellow merry mild neat nimble patient proud quick quiet rapid serene silver sunny swift tidy warm".split(
    " ",
  );
const BEINGS =
  "badger beaver bison crane dolphin falcon ferret finch fox gecko heron ibex jackdaw kestrel koala lark lemur lynx marten mole newt otter owl panda puffin raven robin seal sparrow stork swan wren".split(
    " ",
  );
const NUMBERS = 90;

/**
 * Derives the name from the key, the same at every start. `key`: hex, six digits or more. About 90,000 names: enough to
 * tell machines apart, but no proof of identity.
 */
export function madeUpName(key: string): string {
  const [quality = 0, being = 0, number = 0] = [0, 2, 4].map((at) => Number.parseInt(key.slice(at, at + 2), 16));
  return `${QUALITIES[quality % QUALITIES.length]}-${BEINGS[being % BEINGS.length]}-${10 + (number % NUMBERS)}`;
}
