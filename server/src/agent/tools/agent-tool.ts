/** The shape of every tool: a LangChain tool that never throws but returns advice on what to do instead. */
import type { ToolRunnableConfig } from "@langchain/core/tools";
import { tool, ToolMessage } from "langchain";
import type { DynamicStructuredTool } from "langchain";
import type { z } from "zod";
import { ToolAdvice } from "./tool-advice.ts";

export type AgentTool = DynamicStructuredTool;

interface AgentToolInput<Schema extends z.ZodObject> {
  name: string;
  /** One line; it begins with the arguments as a model should write them. */
  description: string;
  schema: Schema;
  run: (args: z.infer<Schema>, signal: AbortSignal | undefined) => string | Promise<string>;
  /** Called with faults that are ours, not the model's. */
  onFault: (error: unknown) => void;
}

export function agentTool<Schema extends z.ZodObject>({
  name,
  description,
  schema,
  run,
  onFault,
}: AgentToolInput<Schema>): AgentTool {
  const call = async (args: z.infer<Schema>, config: ToolRunnableConfig): Promise<string | ToolMessage> => {
    const called = { name, id: config.toolCall?.id };
    try {
      return await run(args, config.signal);
    } catch (error) {
      config.signal?.throwIfAborted();
      if (error instanceof ToolAdvice) return failedCall(called, error.message);
      onFault(error);
      return failedCall(called, `${name} does not work at the moment; tell the person so, or answer without it`);
    }
  };
  return tool(call, { name, description, schema });
}

/** The tool message of a failed call, as the model reads it. */
export function failedCall({ id = "", name }: { id?: string | undefined; name: string }, content: string): ToolMessage {
  return new ToolMessage({ tool_call_id: id, name, content, status: "error" });
}
