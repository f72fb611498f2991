/** The shape every tool has: a LangChain tool that never throws, but says in words what to do instead. */
import { tool } from "langchain";
import type { DynamicStructuredTool } from "langchain";
import type { z } from "zod";
import { ToolAdvice } from "./tool-advice.ts";

export type AgentTool = DynamicStructuredTool;

/** What the loop reads beside the text: whether the tool did its work. */
export interface ToolArtifact {
  ok: boolean;
}

interface AgentToolInput<Schema extends z.ZodObject> {
  name: string;
  /** One line; it begins with the arguments as a model should write them. */
  description: string;
  schema: Schema;
  run: (args: z.infer<Schema>, signal: AbortSignal | undefined) => string | Promise<string>;
  /** Told of faults that are ours, not the model's. */
  onFault: (error: unknown) => void;
}

export function agentTool<Schema extends z.ZodObject>({
  name,
  description,
  schema,
  run,
  onFault,
}: AgentToolInput<Schema>): AgentTool {
  const call = async (args: z.infer<Schema>, config?: { signal?: AbortSignal }): Promise<[string, ToolArtifact]> => {
    try {
      return [await run(args, config?.signal), { ok: true }];
    } catch (error) {
      config?.signal?.throwIfAborted();
      if (error instanceof ToolAdvice) return [error.message, { ok: false }];
      onFault(error);
      return [`${name} does not work at the moment; tell the person so, or answer without it`, { ok: false }];
    }
  };
  const fields = { name, description, schema, responseFormat: "content_and_artifact" } as const;
  return tool(call as (args: unknown) => Promise<[string, ToolArtifact]>, fields);
}
