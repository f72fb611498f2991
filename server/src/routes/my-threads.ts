/** A person's own conversations: list, search, read, change, share, export, delete. */
import { Hono } from "hono";
import { z } from "zod";
import { INSTRUCTIONS_CHARS_MAX, PERSONAS } from "@starai/protocol/personas";
import { SEARCH_CHARS_MAX, TITLE_CHARS_MAX } from "@starai/protocol/text-limits";
import type { AppContext } from "../context.ts";
import { changeThread, chooseBranch, createThread } from "../threads/change-thread.ts";
import { deleteThread, deleteThreads } from "../threads/delete-thread.ts";
import { exportEverything } from "../threads/export-everything.ts";
import { exportThread } from "../threads/export-thread.ts";
import { listThreads } from "../threads/list-threads.ts";
import { readThread } from "../threads/read-thread.ts";
import { regenerate, sendMessage } from "../threads/send-message.ts";
import { endShare, readShare, shareThread } from "../threads/share-thread.ts";
import { parsed } from "./parse.ts";
import { requireSession } from "./require-session.ts";
import { MessageText, ShortText } from "./threads.ts";

const Id = z.object({ id: z.uuid() });
const List = z.object({
  before: z.string().max(80).optional(),
  q: z.string().max(SEARCH_CHARS_MAX).optional(),
  archived: z
    .literal("true")
    .transform(() => true)
    .optional(),
});
/** Threads deleted by one request: a few pages of the list. */
const Several = z.strictObject({ ids: z.array(z.uuid()).min(1).max(200) });
const Changes = z.strictObject({
  title: ShortText(TITLE_CHARS_MAX).pipe(z.string().min(1)).optional(),
  model: z.string().min(1).max(120).nullable().optional(),
  persona: z.enum(PERSONAS).nullable().optional(),
  instructions: ShortText(INSTRUCTIONS_CHARS_MAX).optional(),
  pinned: z.boolean().optional(),
  archived: z.boolean().optional(),
  current: z.literal(true).optional(),
});
const ExternalId = z.string().regex(/^[\w-]{1,100}$/, "1 to 100 letters, digits, - or _, e.g. a UUID");
const Message = z.strictObject({
  externalId: ExternalId,
  text: MessageText,
  parent: z.uuid().optional(),
  edits: z.uuid().optional(),
});

export function myThreadRoutes(ctx: AppContext) {
  const mine = requireSession(ctx);
  return new Hono()
    .get("/api/my/threads", mine, parsed("query", List), async (c) => {
      const page = await listThreads(ctx, c.get("session").person, c.req.valid("query"));
      return c.json(page, 200);
    })
    .post("/api/my/threads", mine, async (c) => {
      const thread = await createThread(ctx, c.get("session").person);
      return c.json(thread, 201);
    })
    .get(
      "/api/my/threads/:id",
      mine,
      parsed("param", Id),
      parsed("query", z.object({ before: z.uuid().optional() })),
      async (c) => {
        const asked = { thread: c.req.valid("param").id, ...c.req.valid("query") };
        const thread = await readThread(ctx, c.get("session").person, asked);
        return c.json(thread, 200);
      },
    )
    .patch("/api/my/threads/:id", mine, parsed("param", Id), parsed("json", Changes), async (c) => {
      const change = { thread: c.req.valid("param").id, ...c.req.valid("json") };
      const thread = await changeThread(ctx, c.get("session").person, change);
      return c.json(thread, 200);
    })
    .post("/api/my/threads/delete", mine, parsed("json", Several), async (c) => {
      const deleted = await deleteThreads(ctx, c.get("session").person, c.req.valid("json").ids);
      return c.json({ deleted }, 200);
    })
    .get("/api/my/threads/:id/share", mine, parsed("param", Id), async (c) => {
      const share = await readShare(ctx, c.get("session").person, c.req.valid("param").id);
      return c.json({ share }, 200);
    })
    .put("/api/my/threads/:id/share", mine, parsed("param", Id), async (c) => {
      const share = await shareThread(ctx, c.get("session").person, c.req.valid("param").id);
      return c.json({ share }, 200);
    })
    .delete("/api/my/threads/:id/share", mine, parsed("param", Id), async (c) => {
      await endShare(ctx, c.get("session").person, c.req.valid("param").id);
      return c.body(null, 204);
    })
    .get("/api/my/export", mine, parsed("query", z.object({ format: z.enum(["md", "json"]) })), async (c) => {
      const { fileName, type, body } = await exportEverything(ctx, c.get("session").person, c.req.valid("query"));
      c.header("content-type", type);
      c.header("content-disposition", `attachment; filename*=UTF-8''${fileName}`);
      return c.body(body, 200);
    })
    .delete("/api/my/threads/:id", mine, parsed("param", Id), async (c) => {
      await deleteThread(ctx, c.get("session").person, c.req.valid("param").id);
      return c.body(null, 204);
    })
    .post("/api/my/threads/:id/messages", mine, parsed("param", Id), parsed("json", Message), async (c) => {
      const message = { thread: c.req.valid("param").id, ...c.req.valid("json") };
      const asked = await sendMessage(ctx, c.get("session").person, message);
      return c.json(asked, 202);
    })
    .put(
      "/api/my/threads/:id/head",
      mine,
      parsed("param", Id),
      parsed("json", z.strictObject({ message: z.uuid() })),
      async (c) => {
        const choice = { thread: c.req.valid("param").id, ...c.req.valid("json") };
        const head = await chooseBranch(ctx, c.get("session").person, choice);
        return c.json(head, 200);
      },
    )
    .post(
      "/api/my/messages/:id/regenerate",
      mine,
      parsed("param", Id),
      parsed("json", z.strictObject({ externalId: ExternalId })),
      async (c) => {
        const again = { message: c.req.valid("param").id, ...c.req.valid("json") };
        const asked = await regenerate(ctx, c.get("session").person, again);
        return c.json(asked, 202);
      },
    )
    .get(
      "/api/my/threads/:id/export",
      mine,
      parsed("param", Id),
      parsed("query", z.object({ format: z.enum(["md", "json"]) })),
      async (c) => {
        const asked = { thread: c.req.valid("param").id, ...c.req.valid("query") };
        const { fileName, type, body } = await exportThread(ctx, c.get("session").person, asked);
        c.header("content-type", type);
        c.header("content-disposition", `attachment; filename*=UTF-8''${encodeURIComponent(fileName)}`);
        return c.body(body, 200);
      },
    );
}
