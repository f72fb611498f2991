import { homedir } from "node:os";
import { join } from "node:path";
import { modelsFolder } from "@starai/protocol/cache-folder";
import { PLUMBING_MODEL } from "@starai/protocol/catalogue";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { catalogued } from "../../open-engines.ts";
import { readVocabulary, ServerVocabulary, wholeLength } from "./vocabulary.ts";

/** Bytes as a byte-level vocabulary writes them: all of these are shifted behind Latin-1 or stand for themselves. */
const written = (...bytes: number[]) =>
  bytes.map((byte) => (byte < 0x80 || byte > 0xa0 ? String.fromCodePoint(byte) : String.fromCodePoint(byte + 0xa2)));

function vocabularyOf(...tokens: number[][]): ServerVocabulary {
  const texts = tokens.map((bytes) => written(...bytes).join(""));
  return new ServerVocabulary({
    model: "gpt2",
    tokens: [...texts, "<|im_start|>", "<|im_end|>"],
    token_type: [...tokens.map(() => 1), 3, 3],
    eos_token_id: tokens.length + 1,
  });
}

/** 😀 is f0 9f 98 80. */
const FACE = Buffer.from("😀");

test("an id that was left out is found where only one can be it", () => {
  const vocabulary = vocabularyOf([0xf0, 0x9f], [0x98, 0x80], [0xf0], [0x9f]);
  expect(vocabulary.leftOut({ bytes: FACE, count: 1, last: 1 })).toEqual([0]);
  expect(vocabulary.leftOut({ bytes: FACE, count: 2, last: 1 })).toEqual([2, 3]);
});

test("ids that could be others are not guessed, nor those that fit nothing", () => {
  const vocabulary = vocabularyOf([0xf0, 0x9f], [0x98], [0xf0], [0x9f, 0x98], [0x80]);
  expect(vocabulary.leftOut({ bytes: FACE, count: 2, last: 4 })).toBeNull();
  expect(vocabulary.leftOut({ bytes: FACE, count: 1, last: 4 })).toBeNull();
  expect(vocabulary.leftOut({ bytes: FACE, count: 2, last: 99 })).toBeNull();
  expect(vocabulary.leftOut({ bytes: Buffer.from("a\u{FFFD}"), count: 1, last: 4 })).toBeNull();
});

test("a text that was whole in between is not taken for one that was left out: the server would have sent it", () => {
  const vocabulary = vocabularyOf([0x61, 0xf0], [0x9f, 0x98, 0x80], [0x61]);
  const bytes = Buffer.from("a😀");
  expect(vocabulary.leftOut({ bytes, count: 1, last: 1 })).toEqual([0]);
  expect(vocabularyOf([0x61], [...FACE]).leftOut({ bytes, count: 1, last: 1 })).toBeNull();
});

test("control tokens are banned, marks that end an answer are not", () => {
  expect(vocabularyOf([0x61]).controls).toEqual([1]);
});

test("a real vocabulary's bytes are those of its texts", async () => {
  const path = join(modelsFolder(process.env, homedir()), catalogued(PLUMBING_MODEL).file);
  const vocabulary = await readVocabulary(path);
  expect(vocabulary.controls.length).toBeGreaterThan(0);
  const { getLlama } = await import("node-llama-cpp");
  const llama = await getLlama({ gpu: false, build: "never", skipDownload: true, maxThreads: 1 });
  const model = await llama.loadModel({ modelPath: path, vocabOnly: true });
  const text = "Hello, мир! 你好 😀𐏉\n\ttabs and  spaces";
  const ids = model.tokenize(text, false);
  expect(Buffer.from(vocabulary.bytesOf(ids)).toString()).toBe(text);
  const texts = [...model.iterateAllTokens()].map((id) => ({ id, text: model.detokenize([id], false) }));
  const whole = texts.filter(({ text: plain }) => !plain.includes("\u{FFFD}"));
  expect(whole.length).toBeGreaterThan(40_000);
  expect(whole.map(({ id }) => Buffer.from(vocabulary.bytesOf([id])).toString())).toEqual(
    whole.map(({ text: plain }) => plain),
  );
  await model.dispose();
});

test("whole characters are counted as the decoder does", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), fc.nat(), (text, at) => {
      const bytes = Buffer.from(text);
      const cut = bytes.subarray(0, at % (bytes.length + 1));
      const whole = new TextDecoder().decode(cut, { stream: true });
      expect(wholeLength(cut)).toBe(Buffer.from(whole).length);
    }),
  );
});
