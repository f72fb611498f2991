import * as fc from "fast-check";
import { Api, GrammyError, InlineKeyboard } from "grammy";
import { pino } from "pino";
import { afterEach, describe, expect, test, vi } from "vitest";
import { Unfinished } from "../context.ts";
import { deliver } from "./deliver.ts";

afterEach(() => void vi.useRealTimers());

const PLACE = { chatId: 42, private: true };
const BUTTONS = new InlineKeyboard().text("Steps", "steps:x");

interface Sent {
  method: string;
  body: Record<string, unknown> & { rich_message?: { markdown: string } };
}

type Refusal = { code: number; description: string; retryAfter?: number } | "no connection" | null;

/** A Telegram API that accepts or rejects each call, and records the accepted ones. */
function telegram(refuse: (sent: Sent) => Refusal = () => null) {
  const taken: Sent[] = [];
  let calls = 0;
  const answer = async (input: string, init?: RequestInit): Promise<Response> => {
    calls++;
    const body = typeof init?.body === "string" ? (JSON.parse(init.body) as Sent["body"]) : {};
    const sent = { method: new URL(input).pathname.split("/").at(-1) ?? "", body };
    const refusal = refuse(sent);
    if (refusal === "no connection") throw new TypeError("fetch failed");
    if (refusal !== null)
      return Response.json({
        ok: false,
        error_code: refusal.code,
        description: refusal.description,
        ...(refusal.retryAfter === undefined ? {} : { parameters: { retry_after: refusal.retryAfter } }),
      });
    taken.push(sent);
    return Response.json({ ok: true, result: { message_id: taken.length } });
  };
  const api = new Api("1:token", { apiRoot: "http://telegram", fetch: answer as never });
  const stop = new AbortController();
  const retry = { firstMs: 1_000, maxMs: 30_000 };
  const sending = { api, retry, stopping: stop.signal, log: pino({ level: "silent" }) };
  return { sending, taken, calls: () => calls, stop: () => stop.abort() };
}

const say = (markdown: string, more: { edit?: number; replyTo?: number } = {}) => ({
  place: PLACE,
  markdown,
  edit: more.edit ?? null,
  replyTo: () => more.replyTo ?? null,
  buttons: BUTTONS,
});
const BAD = { code: 400, description: "Bad Request: can't parse rich message" };
const textOf = ({ body }: Sent) => String(body.rich_message?.markdown ?? body.text);

/** The rejection's reason; undefined if the work succeeded. */
const faultOf = (work: Promise<void>) => work.then(() => undefined).catch((error: unknown) => error);

describe("an answer", () => {
  test("too long for one message is sent in complete parts, with its buttons under the last", async () => {
    const { sending, taken } = telegram();
    const code = Array.from({ length: 6_000 }, (_, index) => `console.log(${index})`);
    await deliver(sending, say(`Here:\n\n\`\`\`js\n${code.join("\n")}\n\`\`\`\n\nDone.`, { replyTo: 7 }));
    expect(taken.length).toBeGreaterThan(2);
    expect(taken.flatMap((sent) => textOf(sent).match(/console\.log\(\d+\)/g) ?? []).join() === code.join()).toBe(true);
    expect(taken.every((sent) => textOf(sent).length <= 32_768)).toBe(true);
    expect(taken.map(({ body }) => body.reply_markup !== undefined)).toEqual(
      taken.map((_, at) => at === taken.length - 1),
    );
    expect(taken.map(({ body }) => body.reply_parameters !== undefined)).toEqual(taken.map((_, at) => at === 0));
  });

  test("of any deltas is delivered with all its words in every form that Telegram accepts", async () => {
    const words = fc.array(fc.stringMatching(/^[a-z]{1,9}$/), { minLength: 1, maxLength: 400 });
    const forms = fc.constantFrom("rich", "html", "plain");
    await fc.assert(
      fc.asyncProperty(words, forms, async (list, form) => {
        const { sending, taken } = telegram(({ body }) => {
          const taking = body.rich_message ? "rich" : body.parse_mode ? "html" : "plain";
          return ["rich", "html", "plain"].indexOf(taking) < ["rich", "html", "plain"].indexOf(form) ? BAD : null;
        });
        await deliver(sending, say(list.join(" ")));
        expect(taken.flatMap((sent) => textOf(sent).split(/\s+/)).join(" ")).toBe(list.join(" "));
      }),
      { numRuns: 60 },
    );
  });

  test("rejected as Markdown is sent as HTML, and if that fails too as plain text", async () => {
    const html = telegram(({ body }) => (body.rich_message ? BAD : null));
    await deliver(html.sending, say("**bold** <b>not</b>"));
    expect(html.taken.map(({ method, body }) => [method, body.parse_mode, body.text])).toEqual([
      ["sendMessage", "HTML", "<b>bold</b> &lt;b&gt;not&lt;/b&gt;"],
    ]);
    const plain = telegram(({ body }) => (body.rich_message || body.parse_mode ? BAD : null));
    await deliver(plain.sending, say("**bold** <b>not</b>"));
    expect(plain.taken.map(({ body }) => body.text)).toEqual(["**bold** <b>not</b>"]);
  });

  test("replaces the preview, or is a new message if the preview is gone", async () => {
    const there = telegram();
    await deliver(there.sending, say("answer", { edit: 9 }));
    expect(there.taken.map(({ method, body }) => [method, body.message_id])).toEqual([["editMessageText", 9]]);
    const gone = telegram(({ method }) =>
      method === "editMessageText" ? { code: 400, description: "Bad Request: message to edit not found" } : null,
    );
    await deliver(gone.sending, say("answer", { edit: 9, replyTo: 3 }));
    expect(gone.taken.map(({ method, body }) => [method, textOf({ method, body })])).toEqual([
      ["sendRichMessage", "answer"],
    ]);
  });

  test("equal to its preview counts as delivered", async () => {
    const { sending, taken, calls } = telegram(() => ({
      code: 400,
      description: "Bad Request: message is not modified",
    }));
    await deliver(sending, say("answer", { edit: 9 }));
    expect(calls()).toBe(1);
    expect(taken).toEqual([]);
  });

  test("is sent again when the connection broke", async () => {
    let broken = 1;
    const { sending, taken } = telegram(() => (broken-- > 0 ? "no connection" : null));
    await deliver(sending, say("answer"));
    expect(taken.map(textOf)).toEqual(["answer"]);
  });

  test("is retried through any transient failure and delivered when it is over", async () => {
    vi.useFakeTimers();
    const faults: Refusal[] = [
      "no connection",
      { code: 502, description: "Bad Gateway" },
      ...Array.from({ length: 6 }, () => "no connection" as const),
    ];
    const { sending, taken } = telegram(() => faults.shift() ?? null);
    const delivered = deliver(sending, say("answer"));
    // 1 + 2 + 4 + 8 + 16 + 30 + 30 + 30 s
    await vi.advanceTimersByTimeAsync(120_000);
    expect(taken).toEqual([]);
    await vi.advanceTimersByTimeAsync(1_000);
    await delivered;
    expect(taken.map(textOf)).toEqual(["answer"]);
  });

  test("waits as long as Telegram's retry_after asks, and is then sent at once", async () => {
    vi.useFakeTimers();
    const busy = { code: 429, description: "Too Many Requests: retry after 180", retryAfter: 180 };
    const faults: Refusal[] = [busy];
    const { sending, taken, calls } = telegram(() => faults.shift() ?? null);
    const delivered = deliver(sending, say("answer"));
    await vi.advanceTimersByTimeAsync(179_000);
    expect(calls()).toBe(1);
    await vi.advanceTimersByTimeAsync(1_000);
    await delivered;
    expect(taken.map(textOf)).toEqual(["answer"]);
  });

  test("that causes server errors at Telegram is sent in a simpler form; the simplest is retried", async () => {
    vi.useFakeTimers();
    const broken = { code: 500, description: "Internal Server Error" };
    let plainTries = 20;
    const { sending, taken } = telegram(({ body }) =>
      body.rich_message || body.parse_mode || plainTries-- > 0 ? broken : null,
    );
    const delivered = deliver(sending, say("**answer**"));
    await vi.advanceTimersByTimeAsync(20 * 60_000);
    await delivered;
    expect(taken.map(textOf)).toEqual(["**answer**"]);
  });

  test("decides anew at each try whether to quote its question", async () => {
    vi.useFakeTimers();
    const faults: Refusal[] = ["no connection"];
    const { sending, taken } = telegram(() => faults.shift() ?? null);
    let crossed = false;
    const delivered = deliver(sending, { ...say("answer"), replyTo: () => (crossed ? 7 : null) });
    await vi.advanceTimersByTimeAsync(500);
    crossed = true;
    await vi.advanceTimersByTimeAsync(1_000);
    await delivered;
    expect(taken[0]?.body.reply_parameters).toMatchObject({ message_id: 7 });
  });

  test("is left to the next start when the bot stops, or after a day without success", async () => {
    vi.useFakeTimers();
    const stopped = telegram(() => "no connection");
    const left = faultOf(deliver(stopped.sending, say("answer")));
    await vi.advanceTimersByTimeAsync(10_000);
    stopped.stop();
    expect(await left).toBeInstanceOf(Unfinished);
    const away = telegram(() => ({ code: 502, description: "Bad Gateway" }));
    const given = faultOf(deliver(away.sending, say("answer")));
    await vi.advanceTimersByTimeAsync(25 * 3_600_000);
    expect(await given).toBeInstanceOf(Unfinished);
    expect(away.calls()).toBeLessThan(24 * 121);
  });

  test("is given up at once if the bot is blocked, removed or muted", async () => {
    const closed = [
      { code: 403, description: "Forbidden: bot was blocked by the user" },
      { code: 400, description: "Bad Request: chat not found" },
      { code: 400, description: "Bad Request: not enough rights to send text messages to the chat" },
      { code: 400, description: "Bad Request: message thread not found" },
    ];
    for (const refusal of closed) {
      const { sending, calls } = telegram(() => refusal);
      await expect(deliver(sending, say("answer"))).rejects.toBeInstanceOf(GrammyError);
      expect(calls()).toBe(1);
    }
  });

  test("rejected in every form is an error", async () => {
    const { sending } = telegram(() => BAD);
    await expect(deliver(sending, say("answer"))).rejects.toThrow("even as plain text");
  });
});
