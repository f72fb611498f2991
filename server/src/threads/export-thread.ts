/** Exports a conversation: the chosen branch as Markdown to read, or the whole tree as JSON to keep. */
import { asc, eq } from "drizzle-orm";
import type { AppContext } from "../context.ts";
import { messages, runs } from "../db/schema.ts";
import { ownThread } from "./own-thread.ts";
import type { Owner, ThreadRow } from "./own-thread.ts";
import { branch, factsOf } from "./read-thread.ts";

/** Messages of an export; a longer thread is cut at its beginning and says so. */
const EXPORT_MESSAGES_MAX = 20_000;

export interface Export {
  fileName: string;
  type: string;
  body: string;
}

/** @throws Refusal `not_found` */
export async function exportThread(
  ctx: AppContext,
  owner: Owner,
  { thread: id, format }: { thread: string; format: "md" | "json" },
): Promise<Export> {
  const thread = await ownThread(ctx.db, owner, id);
  const fileName = `${fileNameOf(thread.title)}.${format}`;
  return format === "json"
    ? { fileName, type: TYPES.json, body: JSON.stringify(await threadAsJson(ctx, thread), null, 2) }
    : { fileName, type: TYPES.md, body: await threadAsMarkdown(ctx, thread) };
}

export const TYPES = { json: "application/json", md: "text/markdown; charset=utf-8" };

/** The whole tree. */
export async function threadAsJson(ctx: AppContext, thread: ThreadRow) {
  return { ...factsOf(thread), head: thread.headId, messages: await tree(ctx, thread.id) };
}

/** The chosen branch. */
export async function threadAsMarkdown(ctx: AppContext, thread: ThreadRow): Promise<string> {
  const rows = await branch(ctx, thread.headId, EXPORT_MESSAGES_MAX);
  const said = rows.map(({ role, text, answer, run, created, model }) => {
    const who = role === "user" ? "**You**" : `**StarAI** (${model})`;
    return `${who}, ${new Date(created).toISOString()}\n\n${run === null ? text : answer}\n`;
  });
  const cut = rows.length === EXPORT_MESSAGES_MAX ? "_The beginning is left out._\n\n" : "";
  return `# ${thread.title.replaceAll("\n", " ")}\n\n${cut}${said.join("\n---\n\n")}`;
}

async function tree(ctx: AppContext, thread: string) {
  return await ctx.db
    .select({
      id: messages.id,
      parent: messages.parentId,
      role: messages.role,
      text: messages.text,
      createdAt: messages.createdAt,
      model: runs.model,
      status: runs.status,
    })
    .from(messages)
    .leftJoin(runs, eq(runs.answerId, messages.id))
    .where(eq(messages.threadId, thread))
    .orderBy(asc(messages.seq))
    .limit(EXPORT_MESSAGES_MAX);
}

/** Keeps letters and digits of any alphabet; drops everything that is syntax in a file system or a header. */
function fileNameOf(title: string): string {
  const words = title.match(/[\p{L}\p{N}]+/gu)?.join("-") ?? "";
  return Array.from(words).slice(0, 60).join("") || "starai";
}
