import { expect, test } from "vitest";
import { AskedOfChain } from "./asked-of-chain.ts";

/** Ann's question, answered when it is told to be. */
function asking() {
  const asked = new AskedOfChain();
  const answers: ((answer: string | Error) => void)[] = [];
  const ask = () =>
    new Promise<string>((resolve, reject) =>
      answers.push((answer) => (answer instanceof Error ? reject(answer) : resolve(answer))),
    );
  return {
    answers,
    once: (question: string, person = "ann") => asked.once({ person, question, nowMs: 0 }, ask),
  };
}

test("of those who ask the same at once the first one's answer is everybody's, and the next one's is new", async () => {
  const { once, answers } = asking();
  const all = Array.from({ length: 50 }, () => once("escrow 1"));
  expect(answers).toHaveLength(1);
  answers[0]!("early");
  expect(new Set(await Promise.all(all))).toEqual(new Set(["early"]));
  const later = once("escrow 1");
  answers[1]!("late");
  expect(await later).toBe("late");
});

test("another question is another answer", async () => {
  const { once, answers } = asking();
  const [one, other] = [once("escrow 1"), once("escrow 2")];
  answers[1]!("two");
  answers[0]!("one");
  expect([await one, await other]).toEqual(["one", "two"]);
});

test("a question that failed has failed for those who shared it, and holds no place", async () => {
  const { once, answers } = asking();
  for (let nth = 0; nth < 10; nth++) {
    const all = [once("escrow 1"), once("escrow 1", "bob")];
    answers[nth]!(new Error("away"));
    const ends = await Promise.allSettled(all);
    expect(ends.map(({ status }) => status)).toEqual(["rejected", "rejected"]);
  }
});
