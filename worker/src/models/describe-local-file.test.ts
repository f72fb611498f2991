import { createHash } from "node:crypto";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";
import { modelsFolder } from "@starai/protocol/cache-folder";
import { loadCatalogue, PLUMBING_MODEL } from "@starai/protocol/catalogue";
import { afterEach, beforeEach, expect, test } from "vitest";
import { gguf } from "../testing/gguf.ts";
import { describeLocalFile } from "./describe-local-file.ts";

const known = loadCatalogue().get(PLUMBING_MODEL);
let folder: string;
beforeEach(async () => void (folder = await mkdtemp(join(tmpdir(), "starai-local-"))));
afterEach(async () => await rm(folder, { recursive: true }));

const CHATML = { "tokenizer.chat_template": "<|im_start|>" };
const NETWORK = {
  "llama.block_count": 2,
  "llama.context_length": 4_096,
  "llama.embedding_length": 256,
  "llama.attention.head_count": 8,
  "llama.attention.head_count_kv": 4,
};

/** A file with the given strings in its header, and a network of two layers. */
async function fileOf(strings: Record<string, string>, name = "My Model (v2).gguf", numbers = {}): Promise<string> {
  const path = join(folder, name);
  const header = { "general.architecture": "llama", ...strings };
  await writeFile(path, gguf({ strings: header, numbers: { ...NETWORK, ...numbers } }));
  return path;
}

test("a catalogue file described from its own header has the catalogue's facts", async () => {
  const described = await describeLocalFile(join(modelsFolder(process.env, homedir()), known?.file ?? ""));
  const { bytes, sha256, contextTokens, kvBytesPerToken, template, shape, kvTypes } = described;
  expect(known).toMatchObject({ bytes, sha256, contextTokens, kvBytesPerToken, template, shape, kvTypes });
});

test.each([
  ["chatml", "{{ '<|im_start|>' + role }}"],
  ["llama3", "<|start_header_id|>{{ role }}<|end_header_id|>"],
  ["gemma", "<start_of_turn>{{ role }}"],
])("the template %s is told by its marks", async (template, chatTemplate) => {
  const model = await describeLocalFile(await fileOf({ "tokenizer.chat_template": chatTemplate }));
  // 2 (keys, values) × 2 layers × 4 kv heads × 32 a head × 2 bytes
  expect(model).toMatchObject({
    id: "my-model-v2",
    template,
    contextTokens: 4_096,
    kvBytesPerToken: 1_024,
    tried: false,
  });
});

test("a cache is quantised only where its heads are whole blocks of 32 values", async () => {
  const whole = await describeLocalFile(await fileOf(CHATML));
  const odd = await describeLocalFile(await fileOf(CHATML, "odd.gguf", { "llama.attention.key_length": 80 }));
  expect([whole.kvTypes, odd.kvTypes]).toEqual([["f16", "q8_0"], ["f16"]]);
});

test("a model with an unknown template, or a base model, is rejected with an explanation", async () => {
  const unknown = fileOf({ "tokenizer.chat_template": "[INST] {{ text }} [/INST]" });
  await expect(describeLocalFile(await unknown)).rejects.toThrow(/template StarAI does not speak/);
  await expect(describeLocalFile(await fileOf({ "tokenizer.ggml.model": "gpt2" }))).rejects.toThrow(/base model/);
});

test.each(["Shouting.GGUF", "pytorch, model.bin"])("a model called %s is told by what is in it", async (name) => {
  expect(await describeLocalFile(await fileOf(CHATML, name))).toMatchObject({ template: "chatml" });
  await writeFile(join(folder, name), "PK\x03\x04");
  await expect(describeLocalFile(join(folder, name))).rejects.toThrow(/not a GGUF model file/);
});

const part = (number: number) => join(folder, `big-0000${number}-of-00002.gguf`);

test("a split model is all its parts: their bytes, their hash, and none may be missing", async () => {
  await fileOf(CHATML, "big-00001-of-00002.gguf");
  await expect(describeLocalFile(part(1))).rejects.toThrow(/part .* is missing: put .*big-00002-of-00002\.gguf beside/);
  await writeFile(part(2), "GGUF, the rest");
  const described = await describeLocalFile(part(1));
  const whole = Buffer.concat([await readFile(part(1)), await readFile(part(2))]);
  const sha256 = createHash("sha256").update(whole).digest("hex");
  expect(described).toMatchObject({ bytes: whole.length, sha256 });
  await expect(describeLocalFile(part(2))).rejects.toThrow(/name its first part/);
});

test("a folder, and a model that is not a language model, are rejected with an explanation", async () => {
  await expect(describeLocalFile(folder)).rejects.toThrow(/is not a file/);
  const other = await fileOf({ ...CHATML, "general.architecture": "clip" });
  await expect(describeLocalFile(other)).rejects.toThrow(/language model's header/);
});

test("a file that is missing, or not a model, is rejected with an explanation", async () => {
  await expect(describeLocalFile(join(folder, "none.gguf"))).rejects.toThrow(/STARAI_MODEL/);
  await writeFile(join(folder, "text.gguf"), "hello");
  await expect(describeLocalFile(join(folder, "text.gguf"))).rejects.toThrow(/not a GGUF/);
});
