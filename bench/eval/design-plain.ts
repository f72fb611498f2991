/** The same model without our steps: a direct answer, and tool calling in the model's own template. */
import { randomUUID } from "node:crypto";
import type { Turn } from "@starai/protocol/template";
import { agentTools, offered } from "@starai/server/agent/tools/agent-tools";
import type { AppContext } from "@starai/server/context";
import { submitJob } from "@starai/server/jobs/submit-job";
import { PLAIN_SYSTEM } from "./design.ts";
import type { Design } from "./design.ts";
import type { EvalStack } from "./eval-stack.ts";
import { readCalls } from "./read-calls.ts";
import type { NativeCall } from "./read-calls.ts";

const ANSWER_TOKENS_MAX = 600;
/** As many as the agent has. */
const STEPS_MAX = 6;

async function complete(
  ctx: AppContext,
  { model, turns, cacheKey }: { model: string; turns: Turn[]; cacheKey: string },
): Promise<string> {
  const handle = await submitJob(ctx, {
    key: randomUUID(),
    owner: "eval",
    model,
    turns,
    constraint: null,
    sampling: { temperature: 0, topP: 1, seed: 1 },
    maxTokens: ANSWER_TOKENS_MAX,
    stop: [],
    cacheKey,
    deadlineMs: 300_000,
    bill: null,
  });
  return (await handle.result()).text;
}

export function directDesign(ctx: AppContext, model: string): Design {
  return {
    name: "direct",
    converse: async (say) => {
      const cacheKey = randomUUID();
      const turns: Turn[] = [{ role: "system", content: PLAIN_SYSTEM }];
      for (const text of say) {
        turns.push({ role: "user", content: text });
        turns.push({ role: "assistant", content: await complete(ctx, { model, turns: [...turns], cacheKey }) });
      }
      return { answer: turns.at(-1)?.content ?? "", calls: say.length, malformed: 0 };
    },
  };
}

/** Tools in the ChatML template Qwen was trained on. `lenient` also reads calls written as bare JSON or in a code fence. */
export function nativeDesign({ ctx, pool }: Pick<EvalStack, "ctx" | "pool">, model: string, lenient: boolean): Design {
  const tools = agentTools(ctx, ctx.catalogue.get(model)?.tier.toolsMax ?? 6);
  const signatures = tools
    .map(offered)
    .map(({ name, description, args }) =>
      JSON.stringify({ type: "function", function: { name, description, parameters: args } }),
    );
  const run = async ({ name, args }: NativeCall): Promise<{ ok: boolean; text: string }> => {
    const tool = tools.find((one) => one.name === name);
    if (tool === undefined) return { ok: false, text: `there is no tool called ${name}` };
    try {
      const message = (await tool.invoke({ type: "tool_call", id: randomUUID(), name, args })) as { content: unknown };
      return { ok: true, text: String(message.content) };
    } catch {
      return { ok: false, text: `the arguments of ${name} are wrong` };
    }
  };
  return {
    name: lenient ? "native-lenient" : "native",
    converse: async (say) => {
      const cacheKey = randomUUID();
      const talk = { answer: "", calls: 0, malformed: 0 };
      const turns: Turn[] = [{ role: "system", content: toolTemplate(signatures) }];
      for (const text of say) {
        turns.push({ role: "user", content: text });
        for (let step = 0; step < STEPS_MAX; step++) {
          const written = await complete(pool, { model, turns: [...turns], cacheKey });
          talk.calls++;
          talk.answer = written;
          turns.push({ role: "assistant", content: written });
          const { calls, malformed } = readCalls(written, lenient);
          if (malformed) talk.malformed++;
          if (calls.length === 0) break;
          const results = await Promise.all(calls.map(run));
          talk.malformed += results.filter(({ ok }) => !ok).length;
          turns.push({
            role: "user",
            content: results.map((result) => `<tool_response>\n${result.text}\n</tool_response>`).join("\n"),
          });
        }
      }
      return talk;
    },
  };
}

function toolTemplate(signatures: readonly string[]): string {
  return `${PLAIN_SYSTEM}

# Tools

You may call one or more functions to assist with the user query.

You are provided with function signatures within <tools></tools> XML tags:
<tools>
${signatures.join("\n")}
</tools>

For each function call, return a json object with function name and arguments within <tool_call></tool_call> XML tags:
<tool_call>
{"name": <function-name>, "arguments": <args-json-object>}
</tool_call>`;
}
