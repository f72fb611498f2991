/**
 * One greedy key beside twelve polite ones: they are answered whatever the greedy one sends, and however much at once.
 */
import { afterAll, expect, test } from "vitest";
import { LIMITS } from "../config.ts";
import { testVocabularies } from "../testing/pool-stack.ts";
import type { ScriptedWorker } from "../testing/scripted-worker.ts";
import { createApiKey } from "./api-keys.ts";
import { AT_ONCE_MAX } from "./requests-at-once.ts";
import { openGateway } from "../testing/gateway.ts";

const vocabularies = testVocabularies();
afterAll(() => vocabularies[Symbol.asyncDispose]());

const POLITE = 12;
const ROUNDS = 3;
const BURST = 170;

type Body = Record<string, unknown>;
const text = (content: string) => ({ messages: [{ role: "user", content }] });
const members = (count: number, prefix: string) =>
  Object.fromEntries(Array.from({ length: count }, (_, index) => [`${prefix}${index}`, { type: "string" }]));
const record = (properties: object) => ({ type: "object", properties });
const inForm = (schema: object) => ({
  ...text("Form"),
  response_format: { type: "json_schema", json_schema: { name: "x", schema } },
});

/** No vocabulary has words of these letters, so a token is about two of them. */
const LETTERS = "qwhzjvkxpbmgyfdlucotnraeis".repeat(20_000);

/** The most expensive requests: a prompt that does not fit, the largest schema, too many tools, and jobs. */
function monster(nth: number): Body {
  switch (nth % 4) {
    case 0:
      return text(`${nth} ${LETTERS}`);
    case 1:
      return inForm(record(members(500, `p${nth}x`)));
    case 2: {
      const parameters = record(members(100, `q${nth}x`));
      const tool = (index: number) => ({ type: "function", function: { name: `f${index}`, parameters } });
      return { ...text("Tools"), tools: Array.from({ length: 16 }, (_, index) => tool(index)) };
    }
    default:
      return text("Greedy");
  }
}

test("bursts of 500 requests of one key take only its own places, and every other key is answered in its turn", async () => {
  await using gateway = await openGateway(vocabularies);
  const worker = await gateway.stack.worker("ann", { tokenIds: false });
  const leased = answerEverything(worker);
  const newKey = async (name: string) => (await createApiKey(gateway.stack.ctx, name)).key;
  const greedyKey = await newKey("greedy");
  const polite = await Promise.all(Array.from({ length: POLITE }, (_, person) => newKey(`polite ${person}`)));
  const ask = async (key: string, body: Body) => {
    const answer = await gateway.ask(body, { authorization: `Bearer ${key}` });
    await answer.text();
    return answer.status;
  };

  const greedy: Promise<number>[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    for (let nth = 0; nth < BURST; nth++) greedy.push(ask(greedyKey, monster(round * BURST + nth)));
    await Promise.all(
      polite.map(async (key, person) => {
        const before = leased.greedy();
        expect(await ask(key, round === 1 ? inForm(record(members(3, `r${person}x`))) : text("Polite"))).toBe(200);
        expect(leased.greedy() - before).toBeLessThanOrEqual(LIMITS.jobsPerOwnerMax);
      }),
    );
  }

  const statuses = await Promise.all(greedy);
  const count = (wanted: number) => statuses.filter((status) => status === wanted).length;
  expect(new Set(statuses)).toEqual(new Set([200, 400, 429]));
  // A burst comes in one piece, so nothing of it has ended when its last request comes.
  expect(count(200)).toBeLessThanOrEqual(ROUNDS * LIMITS.jobsPerOwnerMax);
  expect(count(200) + count(400)).toBeLessThanOrEqual(ROUNDS * AT_ONCE_MAX);
});

/** The worker answers each lease in its form. Counts the leases of the greedy key. */
function answerEverything(worker: ScriptedWorker) {
  let greedy = 0;
  const work = async () => {
    for (;;) {
      const lease = await worker.lease();
      if (lease.turns.at(-1)?.content === "Greedy") greedy++;
      worker.tokens(lease, null, lease.constraint === null ? "Good day." : "{}");
      worker.done(lease);
    }
  };
  void work().catch(() => {});
  return { greedy: () => greedy };
}
