import * as fc from "fast-check";
import { expect, test } from "vitest";
import { OpenStreams } from "./open-streams.ts";
import type { OpenStream } from "./open-streams.ts";

const NOW = Date.UTC(2026, 10, 23);
const session = (person: string, id = `session of ${person}`) => ({
  id,
  person: { id: person, telegramId: 1, name: person },
  tokenExpiresAt: new Date(NOW + 60_000),
});
const endOf = ({ ended }: OpenStream) => Promise.race([ended, Promise.resolve("open")]);
const many = <T>(count: number, make: (at: number) => T) => Array.from({ length: count }, (_, at) => make(at));

test("of one person's streams the oldest gives way to the thirty-third, over all their sessions", async () => {
  const streams = new OpenStreams();
  const opened = many(32, (at) => streams.open(session("ann", `window ${at}`), NOW));
  const others = streams.open(session("ben"), NOW);
  const newest = streams.open(session("ann", "one more"), NOW);
  expect(await Promise.all([opened[0]!, opened[1]!, newest, others].map(endOf))).toEqual([
    "gave_way",
    "open",
    "open",
    "open",
  ]);
  expect(streams.count).toBe(33);
});

test("a full server refuses a new person, and one who has a stream there may replace it", async () => {
  const streams = new OpenStreams();
  const [first, ...others] = many(5_000, (at) => streams.open(session(`person ${at >> 4}`), NOW));
  expect(() => streams.open(session("new"), NOW)).toThrow("try again in a few seconds");
  streams.open(session("person 0"), NOW);
  expect(await endOf(first!)).toBe("gave_way");
  expect(streams.count).toBe(5_000);
  others[0]![Symbol.dispose]();
  streams.open(session("new"), NOW);
  expect(streams.count).toBe(5_000);
});

test("signing out ends the streams of that session and no other", async () => {
  const streams = new OpenStreams();
  const [here, there] = [streams.open(session("ann", "here"), NOW), streams.open(session("ann", "there"), NOW)];
  streams.signOut("here");
  expect(await Promise.all([here, there].map(endOf))).toEqual(["signed_out", "open"]);
});

test("a stream that ends leaves the others of its person where signing out finds them", async () => {
  const streams = new OpenStreams();
  const [first, second] = [streams.open(session("ann"), NOW), streams.open(session("ann"), NOW)];
  first[Symbol.dispose]();
  expect(streams.sessions).toBe(1);
  streams.signOut("session of ann");
  expect(await endOf(second)).toBe("signed_out");
  expect(streams.sessions).toBe(0);
});

const act = fc.record({
  kind: fc.constantFrom("open", "open", "open", "leave", "sign out"),
  person: fc.constantFrom("ann", "ben"),
  at: fc.nat(),
});

test("law: a stream counts exactly while it is open, and nobody has more than their share", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(act, { maxLength: 120 }), async (acts) => {
      const streams = new OpenStreams();
      const held: { person: string; stream: OpenStream }[] = [];
      for (const { kind, person, at } of acts) {
        if (kind === "open") held.push({ person, stream: streams.open(session(person), NOW) });
        else if (kind === "sign out") streams.signOut(`session of ${person}`);
        else held.splice(at % (held.length + 1), 1)[0]?.stream[Symbol.dispose]();
      }
      const ends = await Promise.all(held.map(({ stream }) => endOf(stream)));
      const open = held.filter((_, at) => ends[at] === "open");
      expect(streams.count).toBe(open.length);
      for (const name of ["ann", "ben"])
        expect(open.filter(({ person }) => person === name).length).toBeLessThanOrEqual(32);
    }),
  );
});
