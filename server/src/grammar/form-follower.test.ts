import { pino } from "pino";
import * as fc from "fast-check";
import { afterAll, describe, expect, test } from "vitest";
import { compileConstraint } from "./compile-constraint.ts";
import { FormFollower } from "./form-follower.ts";
import { sampleGbnf, seededRandom } from "./gbnf-sampler.ts";

const follower = new FormFollower(pino({ level: "silent" }));
afterAll(() => follower[Symbol.asyncDispose]());

const { gbnf } = compileConstraint({
  type: "object",
  properties: { name: { type: "string", maxLength: 12 }, sizes: { type: "array", items: { enum: [1, 10, 100] } } },
  required: ["name", "sizes"],
  additionalProperties: false,
}).constraint;
let jobs = 0;
const newJob = () => `job:${++jobs}`;

describe("text that a grammar allows", () => {
  test("fits however it is cut, may end only at its end, and can be sent again from any position", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer(),
        fc.array(fc.nat(4), { minLength: 1 }),
        fc.boolean(),
        async (seed, sizes, forgets) => {
          const whole = sampleGbnf(gbnf, { charsMax: 60, random: seededRandom(seed) });
          let job = newJob();
          for (let at = 0, turn = 0; at < whole.length; turn++) {
            const added = cutAt(whole, at, at + 1 + (sizes[turn % sizes.length] ?? 0));
            const reading = await follower.follow({ job, gbnf, before: whole.slice(0, at), added });
            at += added.length;
            expect(reading).toEqual({ kind: "fits", canEnd: at === whole.length });
            if (forgets) job = newJob();
          }
        },
      ),
      { numRuns: 60, examples: [[43, [0], false]] },
    );
  });
});

describe("text that a grammar does not allow", () => {
  test("breaks at its first character outside the grammar, and the text before it still counts", async () => {
    const job = newJob();
    expect(await follower.follow({ job, gbnf, before: "", added: '{"name' })).toEqual({ kind: "fits", canEnd: false });
    expect(await follower.follow({ job, gbnf, before: '{"name', added: '":a' })).toEqual({ kind: "breaks", at: 2 });
    const again = { job, gbnf, before: '{"name', added: '":"x"' };
    expect(await follower.follow(again)).toEqual({ kind: "fits", canEnd: false });
  });

  test("is reported as broken before, if the committed text never fitted", async () => {
    const reading = await follower.follow({ job: newJob(), gbnf, before: " a", added: "{" });
    expect(reading).toEqual({ kind: "broken_before" });
  });
});

test("the state of a job that has ended is dropped", async () => {
  const job = newJob();
  expect(await follower.follow({ job, gbnf, before: "", added: "{" })).toMatchObject({ kind: "fits" });
  follower.forget(job);
  const other = 'root ::= "xy"';
  expect(await follower.follow({ job, gbnf: other, before: "x", added: "y" })).toEqual({ kind: "fits", canEnd: true });
});

test("the text of a grammar that cannot be parsed is not checked", async () => {
  const reading = await follower.follow({ job: newJob(), gbnf: "not a grammar", before: "", added: "x" });
  expect(reading.kind).toBe("not_followed");
});

test("a grammar with too many readings is no longer followed, and others still are", async () => {
  const ambiguous = `root ::= r0\n${Array.from({ length: 14 }, (_, at) => `r${at} ::= [a]* r${at + 1} | [a] r${at + 1} [a]* r${at + 1}`).join("\n")}\nr14 ::= [a]*`;
  const reading = await follower.follow({ job: newJob(), gbnf: ambiguous, before: "", added: "a".repeat(400) });
  expect(reading.kind).toBe("not_followed");
  expect(await follower.follow({ job: newJob(), gbnf, before: "", added: "{" })).toMatchObject({ kind: "fits" });
});

test("a text that takes too long is no longer followed, and the thread continues for other jobs", async () => {
  const said: string[] = [];
  await using other = new FormFollower(pino({ level: "warn" }, { write: (line) => void said.push(line) }));
  const slow = `root ::= ${Array.from({ length: 3_000 }, (_, at) => `[a]{0,20000} "${at}"`).join(" | ")}`;
  const reading = await other.follow({ job: newJob(), gbnf: slow, before: "", added: "a".repeat(10_000) });
  expect(reading.kind).toBe("not_followed");
  expect(said.join("")).not.toContain("the form thread ended");
  expect(await other.follow({ job: newJob(), gbnf, before: "", added: "{" })).toMatchObject({ kind: "fits" });
});

/** A piece of the text that never splits a surrogate pair; decoded token ids never do either. */
function cutAt(text: string, from: number, to: number): string {
  return text.slice(from, /[\uD800-\uDBFF]/u.test(text.charAt(to - 1)) ? to + 1 : to);
}
