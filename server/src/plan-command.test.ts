import { mkdtemp, rm, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { PLAN_HELP, planCommand } from "./plan-command.ts";

let folder = "";
beforeAll(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), "plan-"));
});
afterAll(() => rm(folder, { recursive: true }));

const model = {
  layers: 40,
  layerBytes: 1e9,
  inputBytes: 5e8,
  outputBytes: 5e8,
  kvBytesPerTokenLayer: 1_000,
  activationBytesPerToken: 16_384,
};
const anna = { id: "anna", region: "vilnius", freeGb: 30, layerMs: 1 };
const ben = { id: "ben", region: "vilnius", freeGb: 30, layerMs: 1.5 };
const cleo = { id: "cleo", region: "riga", freeGb: 30, layerMs: 0.5, pricePerHour: "7" };

async function write(name: string, value: unknown): Promise<string> {
  const file = path.join(folder, name);
  await writeFile(file, typeof value === "string" ? value : JSON.stringify(value));
  return file;
}

async function command(nodes: unknown, ...words: string[]): Promise<{ text: string; done: boolean }> {
  const lines: string[] = [];
  const files = ["--model", await write("model.json", model), "--nodes", await write("nodes.json", nodes)];
  const done = await planCommand([...files, ...words], (line) => lines.push(line));
  return { text: lines.join("\n"), done };
}

test("a table says who holds which layers, what is fully used, and how far from the best that is", async () => {
  const { text, done } = await command({ machines: [anna, ben, cleo] });
  expect(done).toBe(true);
  expect(text).toMatch(/anna +vilnius +\d+–\d+ +\d+ of 27/);
  expect(text).toContain("is fully used");
  expect(text).toMatch(/It is proved|No plan can beat/);
});

test("JSON holds every machine, the bound and the gap", async () => {
  const { text } = await command({ machines: [anna, ben, cleo] }, "--json", "--objective", "latency");
  const plan = JSON.parse(text) as {
    machines: { id: string; from: number | null; to: number }[];
    gap: number;
    secondsPerToken: number;
  };
  expect(plan.machines.map(({ id }) => id)).toEqual(["anna", "ben", "cleo"]);
  // Two in one house: 27 layers of 1 ms and 13 of 1.5 ms, and 2 ms for the way; the quickest machine is 40 ms away.
  expect(plan.machines[2]!.from).toBeNull();
  expect(plan.secondsPerToken).toBeCloseTo(0.0485, 3);
  expect(plan.gap).toBe(0);
});

test("the example of the help is a file that is read", async () => {
  const example = PLAN_HELP.slice(PLAN_HELP.indexOf('{ "machines"'), PLAN_HELP.indexOf("\n\nEnds with"));
  const { done } = await command(example);
  expect(done).toBe(true);
});

test("what cannot be planned is refused with what binds and the least change", async () => {
  const near = await command({ machines: [anna, { ...ben, freeGb: 5 }] });
  expect(near).toEqual({
    done: false,
    text: expect.stringMatching(/^The machines hold 31 of 40 layers together: it needs 9\.6 GB more/),
  });
  const slow = await command({ machines: [anna, cleo] }, "--ms-per-token", "80");
  expect(slow.text).toMatch(
    /the round trip between (anna and cleo|cleo and anna) must fall under \d+\.\d ms, or allow \d+\.\d ms or more/,
  );
  const allowed = /allow (\d+\.\d) ms/.exec(slow.text)![1]!;
  expect((await command({ machines: [anna, cleo] }, "--ms-per-token", `${Number(allowed) + 0.1}`)).done).toBe(true);
  const apart = await command({ machines: [anna, cleo], links: [{ from: "anna", to: "cleo", oneWayMs: 5, mbps: 0 }] });
  expect(apart.text).toMatch(/needs a link between anna and cleo, or 13\.9 GB more beside anna/);
  const much = await command({ machines: [anna, ben] }, "--objective", "cost", "--tokens-per-s", "5000");
  expect(much.text).toMatch(/^5000 tokens\/s are more than the \d+ that these machines allow at most/);
});

test("what is not right in a file or an option is said with its place", async () => {
  await expect(command({ machines: [anna, anna] })).resolves.toEqual({
    done: false,
    text: "Two machines are called anna: give each its own id.",
  });
  for (const layerMs of [0, -1, 1e-9, "fast", null]) {
    await expect(command({ machines: [{ ...anna, layerMs }] })).rejects.toThrow("machines.0.layerMs");
  }
  await expect(command('{"machines":[{"id":"a","freeGb":1,"layerMs":NaN}]}')).rejects.toThrow("is not JSON");
  await expect(command({ machines: [{ ...anna, freeGb: -3 }] })).rejects.toThrow("machines.0.freeGb");
  await expect(command({ machines: [anna], links: [{ from: "anna", to: "bob", oneWayMs: 1 }] })).rejects.toThrow(
    "no machine or region is called so",
  );
  const crowd = Array.from({ length: 100_000 }, (_, at) => ({ ...anna, id: `m${at}` }));
  await expect(command({ machines: crowd })).rejects.toThrow("plan each region on its own");
  await expect(command({ machines: [anna] }, "--objective", "beauty")).rejects.toThrow("--objective is one of");
  await expect(command({ machines: [anna] }, "--batch", "0")).rejects.toThrow("--batch is 1 or more");
  await expect(planCommand([], () => {})).rejects.toThrow("--model is missing");
});

test("a machine too small for one layer is left out, and the others are planned", async () => {
  const { text, done } = await command({ machines: [anna, ben, { ...cleo, freeGb: 0.7 }] });
  expect(done).toBe(true);
  expect(text).toContain("Not needed: cleo.");
});
