/**
 * Plays llama.cpp's own server where a real build cannot be had: started in its place, it takes the same requests and writes
 * a word every two milliseconds into each answer, however many there are. With `--dies-with q8_0` it ends as a build ends whose
 * cache of that type uses an instruction that the processor lacks.
 */
import { createServer } from "node:http";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { json } from "node:stream/consumers";
import { setTimeout as wait } from "node:timers/promises";

const WORD_MS = 2;
const RATES = { "timings/prompt_per_second": 1_000, "timings/predicted_per_second": 500 };

const valueOf = (name: string) => process.argv[process.argv.indexOf(name) + 1] ?? "";
if (process.argv.includes("--dies-with") && valueOf("--cache-type-k") === valueOf("--dies-with"))
  process.kill(process.pid, "SIGILL");

const server = createServer((request, response) => {
  if (request.method === "GET") return void response.end("{}");
  void answer(request, response);
});
server.listen(0, "127.0.0.1", () => {
  process.stderr.write(`listening on http://127.0.0.1:${(server.address() as AddressInfo).port}\n`);
});

async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const body = await json(request);
  if (request.url === "/completion") return await complete(body as { n_predict: number }, response);
  const { content } = body as { content: string };
  response.end(JSON.stringify({ tokens: content.split(/\s+/).map((_, at) => at + 100) }));
}

async function complete({ n_predict: count }: { n_predict: number }, response: ServerResponse): Promise<void> {
  const send = (data: unknown) => response.write(`data: ${JSON.stringify(data)}\n\n`);
  for (let made = 1; made <= count && !response.destroyed; made++) {
    await wait(WORD_MS);
    send({ content: " word", tokens: [100], tokens_predicted: made });
  }
  send({ stop_type: "limit", ...RATES });
  response.end();
}
