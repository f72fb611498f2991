/** For tests of completions: the shapes they read, and waiting. */
import { setTimeout as sleep } from "node:timers/promises";
import type { TestGateway } from "./gateway.ts";

export interface Body {
  error?: { message: string; type: string; param: string | null; code: string };
  choices: {
    message: { content: string | null; tool_calls?: { id: string; function: { name: string; arguments: string } }[] };
    finish_reason: string;
  }[];
  id: string;
  usage: Record<string, unknown>;
}

export interface Chunk {
  id: string;
  choices: {
    delta: { role?: string; content?: string; tool_calls?: { function: { arguments: string; name?: string } }[] };
    finish_reason: string | null;
  }[];
  usage?: unknown;
}

export const bodyOf = async (response: Response) => (await response.json()) as Body;

export const schemaFormat = (schema: unknown) => ({
  response_format: { type: "json_schema", json_schema: { name: "x", schema } },
});

export async function rows(gateway: TestGateway, table: string): Promise<number> {
  return (await gateway.stack.ctx.pg.query(`select 1 from ${table}`)).rowCount ?? 0;
}

export async function waitFor(condition: () => Promise<boolean>): Promise<void> {
  while (!(await condition())) await sleep(20);
}
