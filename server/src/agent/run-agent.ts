/** The agent loop, run by LangChain: model, tool, model, until there is an answer or a question to the person. */
import { createAgent, createMiddleware, ToolMessage } from "langchain";
import type { BaseMessage } from "@langchain/core/messages";
import { STEPS_MAX } from "./loop-guard.ts";
import type { ReActStepModel } from "./react-step-model.ts";
import { failedCall } from "./tools/agent-tool.ts";
import type { AgentTool } from "./tools/agent-tool.ts";

/** LangGraph's limit, in nodes: a step is a model node and a tool node. The loop guard ends a run before it. */
const NODES_MAX = STEPS_MAX * 2 + 4;
/** A tool that takes longer is reported to the model as failed. */
const TOOL_TIMEOUT_MS = 20_000;

export interface AgentRun {
  model: ReActStepModel;
  tools: AgentTool[];
  /** The conversation, then this run's finished steps; the model's turn is next. */
  messages: BaseMessage[];
  /** Stores a tool's result; the loop waits for it. */
  onObservation: (observation: { ok: boolean; text: string }) => Promise<void>;
  signal: AbortSignal;
}

/** Resolves when the model has answered or asked. @throws the error or abort reason that stopped the run */
export async function runAgent({ model, tools, messages, onObservation, signal }: AgentRun): Promise<void> {
  const record = createMiddleware({
    name: "record-observations",
    wrapToolCall: async (request, handler) => {
      const message = await withinToolTimeout(handler(request), request.toolCall);
      if (!ToolMessage.isInstance(message))
        throw new TypeError("a tool returned a LangGraph Command; our tools return text or a ToolMessage");
      await onObservation({ ok: message.status !== "error", text: message.text });
      return message;
    },
  });
  const agent = createAgent({ model, tools, middleware: [record] });
  await agent.invoke({ messages }, { recursionLimit: NODES_MAX, signal });
}

async function withinToolTimeout<T>(
  answer: T | Promise<T>,
  call: { id?: string; name: string },
): Promise<T | ToolMessage> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<ToolMessage>((resolve) => {
    const failed = failedCall(call, `${call.name} took too long; answer without it`);
    timer = setTimeout(() => resolve(failed), TOOL_TIMEOUT_MS);
  });
  try {
    return await Promise.race([answer, late]);
  } finally {
    clearTimeout(timer);
  }
}
