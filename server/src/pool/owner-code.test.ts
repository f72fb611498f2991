/** Machines that join with a code of their owner's, over the real socket. */
import { afterAll, expect, onTestFinished, test } from "vitest";
import { createOwnerCode } from "../contributors/owner-codes.ts";
import { unpairWorker } from "../contributors/pair-worker.ts";
import { people } from "../db/schema.ts";
import { openPoolStack, testVocabularies } from "../testing/pool-stack.ts";
import type { PoolStack } from "../testing/pool-stack.ts";
import { ScriptedWorker } from "../testing/scripted-worker.ts";

const vocabularies = testVocabularies();
afterAll(() => vocabularies[Symbol.asyncDispose]());

let telegramId = 50_000;

async function openPool(): Promise<PoolStack> {
  const stack = await openPoolStack(vocabularies);
  onTestFinished(() => stack[Symbol.asyncDispose]());
  return stack;
}

async function newPerson({ ctx }: PoolStack, name = "Ann"): Promise<string> {
  const [row] = await ctx.db.insert(people).values({ telegramId: ++telegramId, name, language: "en" }).returning();
  return row!.id;
}

/** Joins with this code; the same keys are the same machine. */
async function join({ url }: PoolStack, ownerCode: string, keys?: ScriptedWorker["keys"]): Promise<ScriptedWorker> {
  const machine = new ScriptedWorker("attic", [], keys);
  Object.assign(machine, { ownerCode, notes: { coin: 0, stars: 0 } });
  await machine.join(url);
  onTestFinished(() => machine.kill());
  return machine;
}

const ownerOf = ({ ctx }: PoolStack, { keys }: ScriptedWorker) => ctx.registry.owners.ownerOf(keys.key).person;
const refusalOf = async (machine: ScriptedWorker) => (await machine.frame("dropped")).reason;

test("a machine that joins with its owner's code is theirs at once, and its terminal says so", async () => {
  const stack = await openPool();
  const ann = await newPerson(stack);
  const { code } = createOwnerCode(stack.ctx, ann);
  const machine = await join(stack, ` ${code.toUpperCase()}\n`);
  expect(ownerOf(stack, machine)).toBe(ann);
  expect((await machine.frame("standing")).standing.owner).toEqual({ name: "Ann", wallet: null });
  expect(machine.frames).toEqual([]);
});

test("joining again with the same code changes nothing, also when it is good no more", async () => {
  const stack = await openPool();
  const ann = await newPerson(stack);
  const { code } = createOwnerCode(stack.ctx, ann);
  const { keys } = await join(stack, code);
  for (const again of [code, "0".repeat(32), "0".repeat(32)]) {
    const machine = await join(stack, again, keys);
    await machine.frame("standing");
    expect(machine.frames).toEqual([]);
    expect(ownerOf(stack, machine)).toBe(ann);
  }
});

test("a wrong code leaves the machine nobody's and says what to do; too many of one address are not looked at", async () => {
  const stack = await openPool();
  const { code } = createOwnerCode(stack.ctx, await newPerson(stack));
  for (let tries = 0; tries < 5; tries++) {
    const machine = await join(stack, "f".repeat(32));
    const refusal = await refusalOf(machine);
    expect(refusal).toContain("start it with a new code");
    // A machine that joined by `/join` has no npm commands of ours.
    expect(refusal).not.toContain("npm run");
    expect(ownerOf(stack, machine)).toBeNull();
  }
  const late = await join(stack, code);
  expect(await refusalOf(late)).toContain("in ten minutes");
  expect(ownerOf(stack, late)).toBeNull();
});

test("a machine that is another's stays theirs", async () => {
  const stack = await openPool();
  const [ann, bob] = [await newPerson(stack), await newPerson(stack, "Bob")];
  const { keys } = await join(stack, createOwnerCode(stack.ctx, ann).code);
  const machine = await join(stack, createOwnerCode(stack.ctx, bob).code, keys);
  expect(await refusalOf(machine)).toContain("paired with somebody else");
  expect(ownerOf(stack, machine)).toBe(ann);
});

test("a machine that was unpaired stays nobody's with the code that it had", async () => {
  const stack = await openPool();
  const ann = await newPerson(stack);
  const { code } = createOwnerCode(stack.ctx, ann);
  const { keys } = await join(stack, code);
  await unpairWorker(stack.ctx, { person: ann, worker: keys.key });
  const machine = await join(stack, code, keys);
  expect(await refusalOf(machine)).toContain("was unpaired since");
  expect(ownerOf(stack, machine)).toBeNull();
  const again = await join(stack, createOwnerCode(stack.ctx, ann).code, keys);
  expect(ownerOf(stack, again)).toBe(ann);
});

test("a code brings ten machines and no eleventh", async () => {
  const stack = await openPool();
  const ann = await newPerson(stack);
  const { code } = createOwnerCode(stack.ctx, ann);
  for (let machines = 0; machines < 10; machines++) expect(ownerOf(stack, await join(stack, code))).toBe(ann);
  const eleventh = await join(stack, code);
  expect(await refusalOf(eleventh)).toContain("10 machines, the most");
  expect(ownerOf(stack, eleventh)).toBeNull();
});

test("a person's fourth code ends their first, and nobody else's", async () => {
  const stack = await openPool();
  const [ann, bob] = [await newPerson(stack), await newPerson(stack, "Bob")];
  const bobs = createOwnerCode(stack.ctx, bob).code;
  const codes = [1, 2, 3, 4].map(() => createOwnerCode(stack.ctx, ann).code);
  expect([bobs, ...codes].map((code) => stack.ctx.ownerCodes.find(code)?.person)).toEqual([
    bob,
    undefined,
    ann,
    ann,
    ann,
  ]);
});
