/**
 * Exports all conversations and settings of a person as one streamed file, one conversation in memory at a time: as
 * Markdown to read or as JSON to keep.
 */
import { and, desc, eq, lt, or } from "drizzle-orm";
import type { AppContext } from "../context.ts";
import { people, threads } from "../db/schema.ts";
import { Refusal } from "../errors.ts";
import { TYPES, threadAsJson, threadAsMarkdown } from "./export-thread.ts";
import { ownedBy } from "./own-thread.ts";
import type { Owner, ThreadRow } from "./own-thread.ts";

/** Size of a file that mail and phones still accept; later conversations are left out, and the file says so. */
const CHARS_MAX = 50_000_000;
/** Rows of conversations read at once. */
const PAGE = 100;

/** People with an export in progress: one costs as much as a hundred requests, so each gets one at a time. */
const writing = new WeakMap<AppContext, Set<string>>();

/** @throws Refusal `conflict` while another export of the same person is written */
export async function exportEverything(
  ctx: AppContext,
  owner: Owner,
  { format }: { format: "md" | "json" },
): Promise<{ fileName: string; type: string; body: ReadableStream<Uint8Array> }> {
  const now = writing.get(ctx) ?? new Set();
  writing.set(ctx, now);
  if (now.has(owner.id)) throw new Refusal("conflict", "Your chats are being exported already; wait for that file.");
  now.add(owner.id);
  const pieces = format === "json" ? asJson(ctx, owner) : asMarkdown(ctx, owner);
  const day = new Date(ctx.clock()).toISOString().slice(0, 10);
  return {
    fileName: `starai-${day}.${format}`,
    type: TYPES[format],
    body: streamOf(pieces, () => now.delete(owner.id)),
  };
}

async function* asMarkdown(ctx: AppContext, owner: Owner): AsyncGenerator<string> {
  let chars = 0;
  for await (const thread of threadsOf(ctx, owner)) {
    if (thread.headId === null) continue;
    const text = `${await threadAsMarkdown(ctx, thread)}\n\n`;
    if ((chars += text.length) > CHARS_MAX) return yield "_Older chats are left out._\n";
    yield text;
  }
}

async function* asJson(ctx: AppContext, owner: Owner): AsyncGenerator<string> {
  const [person] = await ctx.db
    .select({ name: people.name, language: people.language, about: people.about, persona: people.persona })
    .from(people)
    .where(eq(people.id, owner.id));
  yield `{"person":${JSON.stringify(person ?? null)},"threads":[`;
  let chars = 0;
  let complete = true;
  for await (const thread of threadsOf(ctx, owner)) {
    const text = JSON.stringify(await threadAsJson(ctx, thread));
    complete = chars + text.length <= CHARS_MAX;
    if (!complete) break;
    yield `${chars === 0 ? "" : ","}\n${text}`;
    chars += text.length;
  }
  yield `\n],"complete":${complete}}\n`;
}

/** Last used first. A conversation used during the export may be missing or twice in the file; both are harmless. */
async function* threadsOf(ctx: AppContext, owner: Owner): AsyncGenerator<ThreadRow> {
  let after: ThreadRow | undefined;
  do {
    const older = after && or(lt(threads.updatedAt, after.updatedAt), sameTimeBefore(after));
    const page = await ctx.db
      .select()
      .from(threads)
      .where(and(ownedBy(owner), older))
      .orderBy(desc(threads.updatedAt), desc(threads.id))
      .limit(PAGE);
    yield* page;
    after = page.length < PAGE ? undefined : page.at(-1);
  } while (after !== undefined);
}

function sameTimeBefore({ updatedAt, id }: ThreadRow) {
  return and(eq(threads.updatedAt, updatedAt), lt(threads.id, id));
}

function streamOf(pieces: AsyncGenerator<string>, over: () => void): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder();
  return new ReadableStream({
    async pull(controller) {
      try {
        const { done, value } = await pieces.next();
        if (done !== true) return controller.enqueue(encoder.encode(value));
        over();
        controller.close();
      } catch (error) {
        over();
        controller.error(error);
      }
    },
    async cancel() {
      over();
      await pieces.return(undefined);
    },
  });
}
