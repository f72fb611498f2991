/** The person's HTTP routes under `/sim`, for the page and for scripts. Invalid requests get a 400 with the reason. */
import { Hono } from "hono";
import type { Context } from "hono";
import { bodyLimit } from "hono/body-limit";
import { streamSSE } from "hono/streaming";
import { z } from "zod";
import { FaultRule } from "./faults.ts";
import { commandsFor, menuButton, readText } from "./methods/bot-settings.ts";
import { answerFromApp, launchApp } from "./launch-app.ts";
import { editMessage, FILE_KINDS, forwardMessage, sendFiles } from "./person-media.ts";
import { ClientRefusal, upsertPerson, setBlocked, stopDraft, tapButton, writeText } from "./person.ts";
import { payInvoice, termsOf } from "./stars/pay-invoice.ts";
import { addStars, purseOf, STARS_MAX } from "./stars/purse.ts";
import { changeSubscription } from "./stars/subscriptions.ts";
import type { Telegram } from "./telegram.ts";
import { viewInvoice, viewMessage } from "./views.ts";

const BODY_BYTES_MAX = 256 * 1024;
/** Ten files of 20 MB in total, in base64. */
const FILES_BODY_BYTES_MAX = 28 * 1024 * 1024;
/** Interval of stream comments; proxies and browsers keep a silent stream open this long. */
const STREAM_BEAT_MS = 15_000;
/** Unsent events after which a stream is closed; the page then reconnects and reloads the chat. */
const STREAM_UNSENT_MAX = 2_000;

const UserId = z.int().positive().max(Number.MAX_SAFE_INTEGER);
const GroupId = z.int().negative().optional();
const Short = z.string().trim().min(1).max(64);
const Person = {
  user: UserId,
  name: Short.optional(),
  language: z
    .string()
    .regex(/^[a-z]{2}$/)
    .optional(),
};
const Bodies = {
  user: z.strictObject(Person),
  text: z.strictObject({
    ...Person,
    text: z.string().trim().min(1).max(4_096),
    chat: GroupId,
    replyTo: z.int().positive().optional(),
  }),
  files: z.strictObject({
    ...Person,
    files: z
      .array(
        z.strictObject({
          kind: z.enum(FILE_KINDS),
          name: z.string().trim().min(1).max(120).optional(),
          mimeType: z.string().max(100).optional(),
          base64: z.base64(),
        }),
      )
      .min(1)
      .max(10),
    caption: z.string().trim().max(1_024).optional(),
    chat: GroupId,
    replyTo: z.int().positive().optional(),
  }),
  edit: z.strictObject({
    user: UserId,
    chat: GroupId,
    message: z.int().positive(),
    text: z.string().trim().min(1).max(4_096),
  }),
  forward: z.strictObject({
    ...Person,
    chat: GroupId,
    message: z.int().positive().optional(),
    from: Short.optional(),
    channel: Short.optional(),
    text: z.string().trim().min(1).max(4_096).optional(),
  }),
  tap: z
    .strictObject({
      user: UserId,
      chat: GroupId,
      message: z.int().positive(),
      data: z.string().max(64).optional(),
      button: z.string().max(256).optional(),
    })
    .refine((tap) => (tap.data === undefined) !== (tap.button === undefined), {
      error: 'give either "data" or "button"',
    }),
  stop: z.strictObject({ user: UserId }),
  launch: z.strictObject({
    user: UserId,
    chat: GroupId,
    message: z.int().positive().optional(),
    button: z.string().max(256).optional(),
    key: z.string().max(256).optional(),
    url: z.string().max(2_048).optional(),
    startParam: z
      .string()
      .regex(/^[\w-]{1,512}$/)
      .optional(),
    theme: z.record(z.string().max(64), z.string().max(32)).optional(),
    platform: z.string().max(32).optional(),
  }),
  "app-data": z.strictObject({ user: UserId, key: z.string().min(1).max(256), data: z.string().min(1).max(4_096) }),
  pay: z.strictObject({
    ...Person,
    chat: GroupId,
    message: z.int().positive().optional(),
    slug: z.string().max(64).optional(),
  }),
  stars: z.strictObject({ user: UserId, add: z.int().positive().max(STARS_MAX) }),
  subscription: z.strictObject({
    user: UserId,
    charge: z.string().max(128),
    act: z.enum(["cancel", "resume", "renew"]),
  }),
  block: z.strictObject({ user: UserId, blocked: z.boolean().default(true) }),
};

export function personApi(telegram: Telegram, closing: AbortSignal): Hono {
  const api = new Hono();
  const [small, large] = [upTo(BODY_BYTES_MAX), upTo(FILES_BODY_BYTES_MAX)];
  api.use((c, next) => (c.req.path.endsWith("/files") ? large(c, next) : small(c, next)));
  api.onError((error, c) => {
    if (error instanceof ClientRefusal) return c.json({ error: error.message }, 400);
    throw error;
  });

  api.post(
    "/user",
    on(Bodies.user, (body) => upsertPerson(telegram, body)),
  );
  api.post(
    "/text",
    on(Bodies.text, (body) => ({ message: writeText(telegram, body).message_id })),
  );
  api.post(
    "/files",
    on(Bodies.files, async (body) => ({ messages: (await sendFiles(telegram, body)).map((sent) => sent.message_id) })),
  );
  api.post(
    "/edit",
    on(Bodies.edit, (body) => ({ message: editMessage(telegram, body).message_id })),
  );
  api.post(
    "/forward",
    on(Bodies.forward, (body) => ({ message: forwardMessage(telegram, body).message_id })),
  );
  api.post(
    "/tap",
    on(Bodies.tap, (body) => (tapButton(telegram, body), {})),
  );
  api.post(
    "/stop",
    on(Bodies.stop, (body) => ({ draft: stopDraft(telegram, body.user) })),
  );
  api.post(
    "/launch",
    on(Bodies.launch, (body) => launchApp(telegram, body)),
  );
  api.post(
    "/app-data",
    on(Bodies["app-data"], (body) => ({ message: answerFromApp(telegram, body).message_id })),
  );
  api.post(
    "/pay",
    on(Bodies.pay, (body) => payInvoice(telegram, body)),
  );
  api.post(
    "/stars",
    on(Bodies.stars, (body) => addStars(telegram, body)),
  );
  api.post(
    "/subscription",
    on(Bodies.subscription, (body) => changeSubscription(telegram, body)),
  );
  api.post(
    "/block",
    on(Bodies.block, (body) => (setBlocked(telegram, body.user, body.blocked), {})),
  );
  api.post(
    "/fault",
    on(FaultRule, (body) => (telegram.faults.add(body), {})),
  );

  api.get("/stars", (c) => {
    const user = chatOf(c);
    return user === null ? c.json({ error: 'give "user", a positive number' }, 400) : c.json(purseOf(telegram, user));
  });
  api.get("/invoice/:slug", (c) => c.json(viewInvoice(termsOf(telegram, { user: 0, slug: c.req.param("slug") }))));
  api.get("/users", (c) => c.json(people(telegram)));
  api.get("/notice", (c) => c.json(telegram.feed.notice));
  api.get("/calls", (c) => c.json(telegram.feed.calls));
  api.get("/transcript", (c) => {
    const chat = chatOf(c);
    return chat === null
      ? c.json({ error: 'give "user", a positive number, or "chat"' }, 400)
      : c.json(transcript(telegram, chat));
  });
  api.get("/bot", (c) => {
    const user = chatOf(c);
    return user === null ? c.json({ error: 'give "user", a positive number' }, 400) : c.json(botCard(telegram, user));
  });
  api.get("/file/:id", (c) => {
    const file = telegram.world.files.get(c.req.param("id"));
    const bytes = file && telegram.files.read(file);
    if (!file || !bytes) return c.json({ error: "This file is no longer kept." }, 404);
    const disposition = `attachment; filename*=UTF-8''${encodeURIComponent(file.name)}`;
    return c.body(new Uint8Array(bytes), 200, {
      "content-type": "application/octet-stream",
      "content-disposition": disposition,
    });
  });
  api.get("/events", (c) => events(telegram, c, closing));
  return api;
}

function upTo(maxSize: number) {
  return bodyLimit({ maxSize, onError: (c) => c.json({ error: `The body is larger than ${maxSize} bytes.` }, 413) });
}

/** Handler of a POST route: validates the JSON body and returns the result as JSON. */
function on<Shape extends z.ZodType>(shape: Shape, act: (body: z.infer<Shape>) => object | Promise<object>) {
  return async (c: Context) => {
    let json: unknown;
    try {
      json = await c.req.json();
    } catch {
      return c.json({ error: "The body is not JSON." }, 400);
    }
    const body = shape.safeParse(json);
    if (body.success) return c.json(await act(body.data));
    const faults = body.error.issues.map((issue) => [issue.path.join("."), issue.message].filter(Boolean).join(": "));
    return c.json({ error: faults.join("; ") }, 400);
  };
}

function chatOf(c: Context): number | null {
  const id = Number(c.req.query("chat") ?? c.req.query("user"));
  return Number.isSafeInteger(id) && id !== 0 ? id : null;
}

function transcript(telegram: Telegram, chat: number) {
  const messages = [...(telegram.world.messages.get(chat)?.values() ?? [])];
  return {
    chat,
    blocked: telegram.world.blockedBy.has(chat),
    messages: messages.map((stored) => viewMessage(telegram.world, stored)),
    draft: telegram.drafts.get(chat),
    keyboard: telegram.world.keyboards.get(chat) ?? null,
  };
}

function people(telegram: Telegram) {
  return [...telegram.world.users.values()].map((user) => {
    const last = [...(telegram.world.messages.get(user.id)?.values() ?? [])].at(-1);
    return {
      id: user.id,
      name: user.first_name,
      language: user.language_code ?? "en",
      lastDate: last?.message.date ?? null,
    };
  });
}

function botCard(telegram: Telegram, chat: number) {
  const language = telegram.world.users.get(chat)?.language_code ?? "en";
  return {
    name: readText(telegram, "name", language) || telegram.me.first_name,
    username: telegram.me.username,
    description: readText(telegram, "description", language),
    commands: commandsFor(telegram, chat, language),
    menuButton: menuButton(telegram, chat > 0 ? chat : null),
  };
}

function events(telegram: Telegram, c: Context, closing: AbortSignal): Response {
  return streamSSE(c, async (stream) => {
    await new Promise<void>((resolve) => {
      let waiting = 0;
      const send = (text: string) => {
        waiting += 1;
        if (waiting > STREAM_UNSENT_MAX) return done();
        return void stream.write(text).then(() => (waiting -= 1));
      };
      const unlisten = telegram.feed.listen((event) =>
        send(`event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`),
      );
      const beat = setInterval(() => send(": still here\n\n"), STREAM_BEAT_MS);
      const done = () => {
        clearInterval(beat);
        unlisten();
        closing.removeEventListener("abort", done);
        resolve();
      };
      stream.onAbort(done);
      closing.addEventListener("abort", done);
      send("retry: 1000\n\n");
    });
  });
}
