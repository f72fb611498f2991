import * as fc from "fast-check";
import { expect, test } from "vitest";
import { RunPlaces } from "./run-places.ts";

const bounds = { inAll: 6, ofOnePerson: 3 };
const people = ["ann", "bob", "cat", "dan"];

/** Waits until every run that got a place or left has been notified. */
const settled = () => new Promise((resolve) => setImmediate(resolve));

test("a run waits only at a bound, no bound is exceeded, and every run that does not leave gets its turn", async () => {
  const event = fc.oneof(
    { weight: 3, arbitrary: fc.record({ kind: fc.constant("take" as const), person: fc.constantFrom(...people) }) },
    { weight: 2, arbitrary: fc.record({ kind: fc.constant("end" as const), nth: fc.nat() }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant("leave" as const), nth: fc.nat() }) },
  );
  await fc.assert(
    fc.asyncProperty(fc.array(event, { maxLength: 60 }), async (events) => {
      const places = new RunPlaces(bounds);
      const working: { run: string; person: string }[] = [];
      const waiting: { run: string; person: string }[] = [];
      const takes = async (run: string, person: string) => {
        const one = { run, person };
        const turn = places.take(run, person, () => undefined);
        if (turn !== null) {
          waiting.push(one);
          const mayWork = await turn;
          waiting.splice(waiting.indexOf(one), 1);
          if (!mayWork) return;
        }
        working.push(one);
      };
      const check = () => {
        expect(working.length).toBeLessThanOrEqual(bounds.inAll);
        for (const person of people) {
          const theirs = working.filter((one) => one.person === person).length;
          expect(theirs).toBeLessThanOrEqual(bounds.ofOnePerson);
          const waits = waiting.some((one) => one.person === person);
          expect(!waits || theirs === bounds.ofOnePerson || working.length === bounds.inAll).toBe(true);
        }
      };
      for (const [at, step] of events.entries()) {
        if (step.kind === "take") void takes(`run ${at}`, step.person);
        else if (step.kind === "leave") places.leave(waiting[step.nth % Math.max(1, waiting.length)]?.run ?? "");
        else {
          const [over] = working.splice(step.nth % Math.max(1, working.length), 1);
          if (over) places.free(over.person);
        }
        await settled();
        check();
      }
      for (let over = working.shift(); over !== undefined; over = working.shift()) {
        places.free(over.person);
        await settled();
      }
      expect(waiting).toEqual([]);
    }),
    { numRuns: 200 },
  );
});

test("a place goes to the person with the fewest runs at work, not to the one with the most waiting", async () => {
  const places = new RunPlaces({ inAll: 2, ofOnePerson: 2 });
  const order: string[] = [];
  const take = (run: string, person: string) =>
    void places.take(run, person, () => undefined)?.then(() => order.push(run));
  for (const run of ["a1", "a2", "a3", "a4"]) take(run, "ann");
  take("b1", "bob");
  places.free("ann");
  places.free("ann");
  await expect.poll(() => order).toEqual(["b1", "a3"]);
});

test("a waiting run knows its position among its person's runs and is notified when it moves", async () => {
  const places = new RunPlaces({ inAll: 9, ofOnePerson: 1 });
  const heard: [string, number][] = [];
  for (const run of ["1", "2", "3"]) void places.take(run, "ann", (position) => heard.push([run, position]));
  expect([places.position("1"), places.position("2"), places.position("3")]).toEqual([null, 1, 2]);
  places.leave("2");
  expect(places.position("3")).toBe(1);
  expect(heard.at(-1)).toEqual(["3", 1]);
});
