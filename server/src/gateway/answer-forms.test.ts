import { afterAll, describe, expect, test, vi } from "vitest";
import type { FormRequest } from "./answer-form.ts";
import { AnswerForms } from "./answer-forms.ts";
import { SchemaThread } from "./ask-schema-thread.ts";

const forms = new AnswerForms();
afterAll(() => forms[Symbol.asyncDispose]());

const value = (schema: unknown): FormRequest => ({ content: { field: "schema", schema }, step: null });
const names = (count: number, prefix: string) =>
  Object.fromEntries(Array.from({ length: count }, (_, index) => [`${prefix}${index}`, { type: "string" }]));
/** A form that takes about 200 ms of a core. */
const heavy = (name: string) => value({ type: "object", properties: names(500, name) });
const integer = value({ type: "integer" });

describe("forms", () => {
  test("a form has a grammar, an example, and a check that accepts only its values", async () => {
    const form = await forms.read(
      "key:a",
      value({ type: "object", properties: { n: { type: "integer" } }, required: ["n"] }),
    );
    expect(form.constraint.gbnf).toContain("root ::=");
    expect(form.contentExample).toBe('{"n":1}');
    expect(await form.check('{"n":4}')).toBeNull();
    expect(await form.check('{"n":"4"}')).toContain("integer");
  });

  test("an unsupported form is refused with its field, also at the second request", async () => {
    for (let time = 0; time < 2; time++) {
      await expect(forms.read("key:a", value({ not: {} }))).rejects.toMatchObject({
        code: "unsupported_schema",
        param: "schema/not",
      });
    }
  });

  test("a form is compiled once for all owners, also if it is refused", async () => {
    const thread = new SchemaThread();
    const asked = vi.spyOn(thread, "ask");
    await using own = new AnswerForms(thread);
    for (const owner of ["key:a", "key:b"]) {
      await own.read(owner, integer);
      await expect(own.read(owner, value({ not: {} }))).rejects.toMatchObject({ code: "unsupported_schema" });
    }
    expect(asked).toHaveBeenCalledTimes(2);
  });

  test("a form whose full example would be huge has a short one", async () => {
    const many = Object.fromEntries(Array.from({ length: 90 }, (_, index) => [`m${index}`, { $ref: "#/$defs/next" }]));
    const nested = (next: object) => ({
      type: "object",
      properties: many,
      required: Object.keys(many),
      $defs: { next },
    });
    const schema = nested({ type: "object", properties: { a: {} }, required: ["a"] });
    const form = await forms.read("key:a", value(schema));
    expect(form.contentExample?.length).toBeLessThan(10_000);
  });
});

describe("the schema thread", () => {
  test("owners take turns: the second waits for one form of the first, not for all of them", async () => {
    const order: string[] = [];
    const ask = (owner: string, request: FormRequest) => forms.read(owner, request).then(() => order.push(owner));
    const greedy = Array.from({ length: 6 }, (_, index) => ask("greedy", heavy(`turn${index}x`)));
    await Promise.all([...greedy, ask("polite", value({ type: "integer", minimum: 3 }))]);
    expect(order.indexOf("polite")).toBeLessThanOrEqual(2);
  });

  test("the waiting forms of one owner are limited, and only that owner is refused", async () => {
    const asked = Array.from({ length: 50 }, (_, index) =>
      forms.read("greedy", value({ type: "integer", minimum: 100 + index })),
    );
    const polite = forms.read("polite", value({ type: "integer", maximum: 3 }));
    const refused = (await Promise.allSettled(asked)).flatMap((one) => (one.status === "rejected" ? [one.reason] : []));
    expect(refused).toHaveLength(50 - 33);
    for (const reason of refused) expect(reason).toMatchObject({ code: "queue_full" });
    await expect(polite).resolves.toBeDefined();
  });

  test("a form that takes too long is refused with advice, and the next form is compiled", async () => {
    await using slow = new AnswerForms(new SchemaThread(100));
    await expect(slow.read("key:a", heavy("slow"))).rejects.toMatchObject({
      code: "unsupported_schema",
      message: expect.stringContaining("simplify") as string,
    });
    // On a busy machine a small form may take too long as well; each try then starts a new thread.
    const small = () =>
      slow.read("key:b", integer).then(
        () => "read",
        () => "refused",
      );
    await expect.poll(small, { timeout: 40_000 }).toBe("read");
  });

  test("the event loop stays free while a form is compiled", async () => {
    let turns = 0;
    const timer = setInterval(() => turns++, 1);
    await forms.read("key:a", heavy("free"));
    clearInterval(timer);
    expect(turns).toBeGreaterThan(3);
  });
});
