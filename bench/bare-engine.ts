/** The baseline of the token rate: the same model file in node-llama-cpp alone. Prints tokens per second. */
import os from "node:os";
import path from "node:path";
import { getLlama } from "node-llama-cpp";
import { modelsFolder } from "@starai/protocol/cache-folder";
import { loadCatalogue } from "@starai/protocol/catalogue";

const [id = "", threads = "1", count = "128", prompt = ""] = process.argv.slice(2);
const entry = loadCatalogue().get(id);
if (!entry) throw new Error(`no ${id} in the catalogue`);
const llama = await getLlama({ gpu: false, build: "never" });
const model = await llama.loadModel({ modelPath: path.join(modelsFolder(process.env, os.homedir()), entry.file) });
const context = await model.createContext({ contextSize: 2048, threads: Number(threads) });
const sequence = context.getSequence();
const tokens = model.tokenize(`<|im_start|>user\n${prompt}<|im_end|>\n<|im_start|>assistant\n`, true);
let began = 0;
let produced = 0;
for await (const _ of sequence.evaluate(tokens, { temperature: 0 })) {
  if (began === 0) began = performance.now();
  produced += 1;
  if (produced >= Number(count)) break;
}
console.log((produced - 1) / ((performance.now() - began) / 1000));
await llama.dispose();
