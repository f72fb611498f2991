import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";
import { modelsFolder } from "@starai/protocol/cache-folder";
import { loadCatalogue, PLUMBING_MODEL } from "@starai/protocol/catalogue";
import { afterEach, beforeEach, expect, test } from "vitest";
import { describeLocalFile } from "./describe-local-file.ts";

const known = loadCatalogue().get(PLUMBING_MODEL);
let folder: string;
beforeEach(async () => void (folder = await mkdtemp(join(tmpdir(), "starai-local-"))));
afterEach(async () => await rm(folder, { recursive: true }));

const u32 = (value: number) => Buffer.from(Uint32Array.of(value).buffer);
const u64 = (value: number) => Buffer.from(BigUint64Array.of(BigInt(value)).buffer);
const text = (value: string) => Buffer.concat([u64(Buffer.byteLength(value)), Buffer.from(value)]);

/** A GGUF of only a header: the given strings, and a network of two layers. */
function gguf(strings: Record<string, string>): Buffer {
  const numbers = {
    "llama.block_count": 2,
    "llama.context_length": 4_096,
    "llama.embedding_length": 256,
    "llama.attention.head_count": 8,
    "llama.attention.head_count_kv": 4,
  };
  const all = { "general.architecture": "llama", ...strings };
  const pairs = [
    ...Object.entries(all).map(([key, value]) => Buffer.concat([text(key), u32(8), text(value)])),
    ...Object.entries(numbers).map(([key, value]) => Buffer.concat([text(key), u32(4), u32(value)])),
  ];
  return Buffer.concat([Buffer.from("GGUF"), u32(3), u64(0), u64(pairs.length), ...pairs]);
}

async function fileOf(strings: Record<string, string>): Promise<string> {
  const path = join(folder, "My Model (v2).gguf");
  await writeFile(path, gguf(strings));
  return path;
}

test("a catalogue file described from its own header has the catalogue's facts", async () => {
  const described = await describeLocalFile(join(modelsFolder(process.env, homedir()), known?.file ?? ""));
  const { bytes, sha256, contextTokens, kvBytesPerToken, template } = described;
  expect(known).toMatchObject({ bytes, sha256, contextTokens, kvBytesPerToken, template });
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

test("a model of an unknown template, or a base model, is refused in words", async () => {
  const unknown = fileOf({ "tokenizer.chat_template": "[INST] {{ text }} [/INST]" });
  await expect(describeLocalFile(await unknown)).rejects.toThrow(/template StarAI does not speak/);
  await expect(describeLocalFile(await fileOf({ "tokenizer.ggml.model": "gpt2" }))).rejects.toThrow(/base model/);
});

test("a file that is not there, or no model, is refused in words", async () => {
  await expect(describeLocalFile(join(folder, "none.gguf"))).rejects.toThrow(/STARAI_MODEL/);
  await writeFile(join(folder, "text.gguf"), "hello");
  await expect(describeLocalFile(join(folder, "text.gguf"))).rejects.toThrow(/not a GGUF/);
});
