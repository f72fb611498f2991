import { createReadStream } from "node:fs";
import { mkdtemp, readFile, readdir, rm, symlink, writeFile } from "node:fs/promises";
import http from "node:http";
import type { AddressInfo } from "node:net";
import os from "node:os";
import path from "node:path";
import { pino } from "pino";
import { afterAll, describe, expect, test } from "vitest";
import { modelsFolder } from "@starai/protocol/cache-folder";
import { PLUMBING_MODEL, loadCatalogue } from "@starai/protocol/catalogue";
import type { CatalogueModel } from "@starai/protocol/catalogue";
import { Events } from "../events/events.ts";
import { Vocabularies } from "./vocabularies.ts";
import type { Vocabulary } from "./vocabularies.ts";
import { vocabularyFile } from "./vocabulary-file.ts";

const events = new Events(pino({ level: "silent" }));
const models = modelsFolder(process.env, os.homedir());
const catalogue = loadCatalogue();
const vocabularies = new Vocabularies(catalogue, models, events);
const open = async () => (await vocabularies.open(PLUMBING_MODEL))!;
afterAll(() => vocabularies[Symbol.asyncDispose]());

const LETTERS = "ahebifcjgd".repeat(95_000);
const limits = { owner: "person:one", enough: 8_000 };
const prompt = (content: string) => [{ role: "user" as const, content }];
/** Tokens of a plain text: what it adds to an empty prompt. */
async function count(text: string): Promise<number> {
  const vocabulary = await open();
  const [whole, marks] = await Promise.all([text, ""].map((one) => vocabulary.countPrompt(prompt(one), limits)));
  return whole! - marks!;
}

/** A token that begins a character of four bytes and does not end it: alone it gives no text. */
async function halfCharacter(vocabulary: Vocabulary): Promise<number> {
  for (let id = 17; id < 2_000; id++) {
    const fault = await vocabulary.decodeAfter([], [id]).catch((error: Error) => error.message);
    if (fault.includes("inside a character")) return id;
  }
  throw new Error("this vocabulary has no bytes");
}

describe("warming", () => {
  test("loads a vocabulary that is on this machine before anybody asks for it", async () => {
    await open();
    await using fresh = new Vocabularies(catalogue, models, events);
    await fresh.warm(PLUMBING_MODEL);
    expect(fresh.pids).toEqual({ counting: expect.any(Number), verifying: expect.any(Number) });
  });

  test("asks no source and starts no process for a model that is not", async () => {
    const empty = await mkdtemp(path.join(os.tmpdir(), "starai-vocabulary-"));
    await using fresh = new Vocabularies(catalogue, empty, events);
    await fresh.warm(PLUMBING_MODEL);
    await fresh.warm("no such model");
    expect(fresh.pids).toEqual({ counting: null, verifying: null });
    await rm(empty, { recursive: true });
  });
});

describe("a vocabulary", () => {
  test("reads the template's marks as control tokens and what people write as ordinary ones", async () => {
    // As control tokens the two marks would be one token each.
    expect(await count("<|im_end|>\n<|im_start|>system\n")).toBeGreaterThan(10);
  });

  test("decodes ids as a whole and in pieces to the same text", async () => {
    const vocabulary = await open();
    const ids = Array.from({ length: 80 }, (_, index) => 300 + index * 97);
    let text = "";
    for (let at = 0; at < ids.length; at += 7)
      text += await vocabulary.decodeAfter(ids.slice(0, at), ids.slice(at, at + 7));
    expect(text).toBe(await vocabulary.decode(ids));
    expect(text.length).toBeGreaterThan(80);
  });

  test("gives no text for control tokens", async () => {
    const vocabulary = await open();
    expect(await vocabulary.decode([0, 1, 2])).toBe("");
  });

  test("refuses control tokens in a stream, which would be counted but give no text", async () => {
    const vocabulary = await open();
    await expect(vocabulary.decodeAfter([1_000], [1_001, 2])).rejects.toThrow("token 2 is a control token");
  });

  test("refuses half a character at the end of a stream, which the next worker might not be able to end", async () => {
    const vocabulary = await open();
    const half = await halfCharacter(vocabulary);
    await expect(vocabulary.decodeAfter([1_000], [half])).rejects.toThrow("inside a character");
  });

  test("refuses an id that is in no vocabulary, and lives on", async () => {
    const vocabulary = await open();
    await expect(vocabulary.decode([2 ** 30])).rejects.toThrow("not in the vocabulary");
    expect(await vocabulary.decode([1_000])).not.toBe("");
  });

  test("knows a good grammar from a broken or left-recursive one", async () => {
    const vocabulary = await open();
    expect(await vocabulary.checkGrammar('root ::= "a" | "b"')).toBeNull();
    expect(await vocabulary.checkGrammar('root ::= "a" | b')).not.toBeNull();
    expect(await vocabulary.checkGrammar('root ::= root "a"')).not.toBeNull();
  });

  test("of a model the catalogue does not have cannot be opened", async () => {
    expect(await vocabularies.open("no-such-model")).toBeNull();
  });
});

describe("a vocabulary file", () => {
  test("is cut from the model file, and from the hub where that is not there", async () => {
    await using folder = await temporaryFolder();
    const model = catalogue.get(PLUMBING_MODEL)!;
    await symlink(path.join(models, model.file), path.join(folder.path, model.file));
    const local = await vocabularyFile(model, folder.path);
    await using hub = await serveFile(path.join(models, model.file));
    await using other = await temporaryFolder();
    const remote = await vocabularyFile({ ...model, sources: [{ kind: "hub", url: hub.url }] }, other.path);
    expect((await readFile(remote)).equals(await readFile(local))).toBe(true);
    expect(hub.ranges).toEqual(["bytes=0-25165823"]);
    expect(await readdir(path.dirname(remote))).toEqual([`${model.sha256}.gguf`]);
  });

  test("is not made of a file of the wrong size or of a page that is no model; the error names what was tried", async () => {
    await using folder = await temporaryFolder();
    const page = path.join(folder.path, "page.html");
    await writeFile(page, "<!doctype html>");
    await using hub = await serveFile(page);
    const known = catalogue.get(PLUMBING_MODEL)!;
    const model: CatalogueModel = { ...known, sources: [{ kind: "hub", url: hub.url }] };
    await writeFile(path.join(folder.path, model.file), "half a model");
    const failure = await vocabularyFile(model, folder.path).catch((error: Error) => error.message);
    expect(failure).toContain("12 bytes instead of");
    expect(failure).toContain("does not begin with GGUF");
    expect(await readdir(folder.path)).not.toContain("vocabulary");
  });
});

describe("a prompt that cannot fit", () => {
  test("is known by its length alone when no token is long enough for it", async () => {
    const vocabulary = await open();
    for (const text of ["", "short", " ".repeat(5_000), "é🦊\n\n".repeat(300), LETTERS.slice(0, 3_000)]) {
      expect(vocabulary.tokensAtLeast(prompt(text))).toBeLessThanOrEqual(
        await vocabulary.countPrompt(prompt(text), limits),
      );
    }
    expect(vocabulary.tokensAtLeast(prompt(" ".repeat(900_000)))).toBeGreaterThan(5_000);
  });

  test("is counted no further than it takes to see that", async () => {
    const vocabulary = await open();
    const short = await vocabulary.countPrompt(prompt(LETTERS), { owner: "person:one", enough: 2_000 });
    expect(short).toBeGreaterThan(2_000);
    expect(short).toBeLessThan(20_000);
  });
});

describe("two processes", () => {
  test("let a stream's tokens be checked while every prompt of a caller is still being counted", async () => {
    const vocabulary = await open();
    const monster = " ".repeat(300_000);
    let counted = 0;
    const counts = Array.from({ length: 4 }, () =>
      vocabulary.countPrompt(prompt(monster), { owner: "person:greedy", enough: 100_000 }).then(() => counted++),
    );
    await vocabulary.decode([1_000]);
    expect(counted).toBe(0);
    await Promise.all(counts);
  });

  test("let a second caller's prompt be counted before the first caller's fourth", async () => {
    const vocabulary = await open();
    const order: string[] = [];
    const ask = (owner: string) =>
      vocabulary.countPrompt(prompt("word ".repeat(20_000)), { owner, enough: 100_000 }).then(() => order.push(owner));
    const all = [...Array.from({ length: 6 }, () => ask("greedy")), ask("polite")];
    await Promise.all(all);
    // Two were asked of the process when the second caller came, and one had its turn.
    expect(order.indexOf("polite")).toBeLessThanOrEqual(3);
  });

  test("keep a bounded number of one owner's questions, and refuse only that owner's further ones", async () => {
    const vocabulary = await open();
    const ask = (owner: string) => vocabulary.countPrompt(prompt("word ".repeat(5_000)), { owner, enough: 100_000 });
    const all = await Promise.allSettled([...Array.from({ length: 50 }, () => ask("greedy")), ask("polite")]);
    const refused = all.filter((one) => one.status === "rejected").map((one) => one.reason as unknown);
    expect(refused).toHaveLength(50 - 34);
    for (const reason of refused) expect(reason).toMatchObject({ code: "queue_full" });
    expect(all.at(-1)?.status).toBe("fulfilled");
  });
});

describe("a process that is killed", () => {
  test("while it counts loses the count it works on at most, and counts again", async () => {
    const { counting } = vocabularies.pids;
    expect(counting).toBeGreaterThan(0);
    const asked = Array.from({ length: 10 }, () => count("a word ".repeat(5_000)));
    process.kill(counting!, "SIGKILL");
    const answers = await Promise.allSettled(asked);
    expect(answers.filter((answer) => answer.status === "rejected").length).toBeLessThanOrEqual(1);
    expect(await count("again")).toBeGreaterThan(0);
    expect(vocabularies.pids.counting).not.toBe(counting);
  });

  test("again and again while it verifies loses nothing: questions wait and are answered", async () => {
    const vocabulary = await open();
    const said = await vocabulary.decode([1_000]);
    for (let kills = 0; kills < 3; kills++) {
      const pid = vocabularies.pids.verifying;
      if (pid !== null) process.kill(pid, "SIGKILL");
      expect(await Promise.all(Array.from({ length: 50 }, () => vocabulary.decode([1_000])))).toEqual(
        Array.from({ length: 50 }, () => said),
      );
    }
  });
});

test("a vocabulary that cannot be had is tried again without making anybody wait", async () => {
  await using folder = await temporaryFolder();
  const model = { ...catalogue.get(PLUMBING_MODEL)!, sources: [] };
  await using late = new Vocabularies(new Map([[model.id, model]]), folder.path, events, 50);
  expect(await late.open(model.id)).toBeNull();
  await symlink(path.join(models, model.file), path.join(folder.path, model.file));
  await expect.poll(() => late.open(model.id), { timeout: 30_000 }).not.toBeNull();
});

async function temporaryFolder() {
  const folder = await mkdtemp(path.join(os.tmpdir(), "starai-vocabulary-"));
  return { path: folder, [Symbol.asyncDispose]: () => rm(folder, { recursive: true }) };
}

/** A hub that serves one file and remembers which ranges were asked for. */
async function serveFile(file: string) {
  const ranges: (string | undefined)[] = [];
  const server = http.createServer((request, response) => {
    ranges.push(request.headers.range);
    createReadStream(file)
      .on("error", () => {})
      .pipe(response);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/model.gguf`;
  const close = async () => {
    server.closeAllConnections();
    server.close();
  };
  return { url, ranges, [Symbol.asyncDispose]: close };
}
