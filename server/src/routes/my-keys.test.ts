/** API keys as people have them in the app and the bot, by the routes; what they let in under /v1. */
import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { KEYS_MAX } from "@starai/protocol/money";
import { answerOf } from "../client.ts";
import { openTestApp } from "../testing/app.ts";
import type { TestApp } from "../testing/app.ts";
import { botOf, newPerson } from "../testing/person.ts";
import type { TestPerson } from "../testing/person.ts";

let stack: TestApp;
let ann: TestPerson;
beforeAll(async () => {
  stack = await openTestApp();
});
beforeEach(async () => {
  ann = await newPerson(stack);
});
afterAll(() => stack[Symbol.asyncDispose]());

const make = (person: TestPerson, json: { name: string; dayCap?: number; id?: string }) =>
  answerOf(() => person.my.keys.$post({ json }));
const list = async (person: TestPerson) => (await answerOf(() => person.my.keys.$get())).keys;
const revoke = (person: TestPerson, id: string) => person.my.keys[":id"].$delete({ param: { id } });
const statusOf = async (key: string) =>
  (await stack.app.request("/v1/models", { headers: { authorization: `Bearer ${key}` } })).status;
const spend = (owner: string, asset: string, day: string, spent: number) =>
  stack.ctx.pg.query(
    `insert into spend_days (owner, asset, day, cap, spent, held) values ($1, $2, ${day}, 1000000, $3, 7)`,
    [owner, asset, spent],
  );
const activeOf = async (person: TestPerson) =>
  (
    await stack.ctx.pg.query(
      "select 1 from api_keys k join people p on p.id = k.owner where telegram_id = $1 and revoked_at is null",
      [person.telegramId],
    )
  ).rowCount;

describe("a key of one's own", () => {
  test("is shown once, lets in at once, and is listed with the house's cap and nothing spent", async () => {
    const { key, ...listed } = await make(ann, { name: "  laptop " });
    expect(key).toMatch(/^sk-starai-[\w-]{43}$/);
    expect(listed).toMatchObject({ name: "laptop", dayCap: 5_000_000, spentToday: { stars: "0", coin: "0" } });
    expect(await list(ann)).toEqual([listed]);
    expect(await statusOf(key)).toBe(200);
    const { rows } = await stack.ctx.pg.query("select to_jsonb(k)::text as row from api_keys k");
    expect(JSON.stringify(rows)).not.toContain(key.slice(10));
  });

  test("is listed with what was spent today, not with yesterday's or another key's", async () => {
    const { id } = await make(ann, { name: "laptop", dayCap: 20_000 });
    const other = await make(ann, { name: "other" });
    const today = "(now() at time zone 'utc')::date";
    await spend(`key:${id}`, "stars", today, 41);
    await spend(`key:${id}`, "coin", `${today} - 1`, 500);
    await spend(`key:${other.id}`, "coin", today, 9);
    const listed = new Map((await list(ann)).map((key) => [key.id, key]));
    expect(listed.get(id)).toMatchObject({ dayCap: 20_000, spentToday: { stars: "41", coin: "0" } });
    expect(listed.get(other.id)).toMatchObject({ spentToday: { stars: "0", coin: "9" } });
  });

  test("changes its name and cap, each alone; a cap may be set again", async () => {
    const { id } = await make(ann, { name: "laptop" });
    const change = (json: { name?: string; dayCap?: number }) =>
      answerOf(() => ann.my.keys[":id"].$patch({ param: { id }, json }));
    expect(await change({ dayCap: 250_000 })).toMatchObject({ name: "laptop", dayCap: 250_000 });
    expect(await change({ name: "phone" })).toMatchObject({ name: "phone", dayCap: 250_000 });
    expect(await change({ dayCap: 10_000 })).toMatchObject({ name: "phone", dayCap: 10_000 });
    expect(await change({})).toMatchObject({ name: "phone", dayCap: 10_000 });
    expect(await list(ann)).toHaveLength(1);
  });

  test("ends at once on this server, and ending it again changes nothing", async () => {
    const { id, key } = await make(ann, { name: "laptop" });
    expect(await statusOf(key)).toBe(200);
    expect((await revoke(ann, id)).status).toBe(204);
    expect(await statusOf(key)).toBe(401);
    const { rows } = await stack.ctx.pg.query("select revoked_at from api_keys where id = $1", [id]);
    expect((await revoke(ann, id)).status).toBe(204);
    expect((await stack.ctx.pg.query("select revoked_at from api_keys where id = $1", [id])).rows).toEqual(rows);
    expect(await list(ann)).toEqual([]);
    const changed = await ann.my.keys[":id"].$patch({ param: { id }, json: { name: "again" } });
    expect(changed.status).toBe(404);
  });

  test("ends with its owner's data, and does not become a key of the house", async () => {
    const { key } = await make(ann, { name: "laptop" });
    expect(await statusOf(key)).toBe(200);
    await answerOf(() =>
      botOf(stack).api.people[":telegramId"].data.$delete({
        param: { telegramId: String(ann.telegramId) },
        query: { money: "give_up" },
      }),
    );
    expect(await statusOf(key)).toBe(401);
    expect((await stack.ctx.pg.query("select 1 from api_keys where owner is null")).rowCount).toBe(0);
  });

  test("cannot be seen, changed, ended or accounted for by somebody else", async () => {
    const { id, key } = await make(ann, { name: "laptop" });
    const eve = await newPerson(stack);
    expect(await list(eve)).toEqual([]);
    const param = { id };
    const tries = [
      eve.my.keys[":id"].$patch({ param, json: { dayCap: 1_000_000_000 } }),
      eve.my.keys[":id"].$delete({ param }),
      eve.my.keys[":id"]["usage.csv"].$get({ param }),
      botOf(stack).api.people[":telegramId"].keys[":id"].$delete({
        param: { telegramId: String(eve.telegramId), id },
      }),
    ];
    expect(await Promise.all(tries.map(async (one) => (await one).status))).toEqual([404, 404, 404, 404]);
    expect(await statusOf(key)).toBe(200);
    expect((await list(ann))[0]).toMatchObject({ name: "laptop", dayCap: 5_000_000 });
  });
});

describe("many keys", () => {
  test(`of thirty asked for at once ${KEYS_MAX} are made, and one more once one is revoked`, async () => {
    const asked = Array.from({ length: 30 }, (_, at) => ann.my.keys.$post({ json: { name: `key ${at}` } }));
    const answers = await Promise.all(asked);
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(KEYS_MAX);
    const refused = answers.find(({ ok }) => !ok);
    expect(await refused?.text()).toContain(`You have ${KEYS_MAX} API keys, which is the most`);
    expect(await activeOf(ann)).toBe(KEYS_MAX);

    const [first] = await list(ann);
    await revoke(ann, first!.id);
    expect((await ann.my.keys.$post({ json: { name: "one more" } })).status).toBe(201);
    expect(await activeOf(ann)).toBe(KEYS_MAX);
  });

  test("asked for several times at once with one id is made once, for each person; the others hear that it was", async () => {
    const json = { name: "laptop", id: randomUUID() };
    const param = { telegramId: String(ann.telegramId) };
    const bot = () => botOf(stack).api.people[":telegramId"].keys.$post({ param, json });
    const answers = await Promise.all([bot(), bot(), ann.my.keys.$post({ json })]);
    expect(answers.filter(({ ok }) => ok)).toHaveLength(1);
    const second = answers.find(({ ok }) => !ok);
    expect(JSON.parse((await second?.text()) ?? "")).toMatchObject({ error: { code: "conflict", param: "id" } });
    expect(await activeOf(ann)).toBe(1);
    const eve = await newPerson(stack);
    expect((await eve.my.keys.$post({ json })).status).toBe(201);
  });

  test("made and revoked without end leave a bounded number behind, caps included", async () => {
    const { rows } = await stack.ctx.pg.query<{ id: string }>(
      `insert into api_keys (id, hash, name, owner, revoked_at)
       select gen_random_uuid(), md5(random()::text), 'old', p.id, now() - n * interval '1 h'
       from people p, generate_series(1, 150) n where telegram_id = $1 returning id`,
      [ann.telegramId],
    );
    const oldest = rows.at(-1)!.id;
    await stack.ctx.pg.query("insert into spending_caps (owner, day) values ($1, 10000)", [`key:${oldest}`]);
    await make(ann, { name: "laptop" });
    const kept = await stack.ctx.pg.query("select 1 from api_keys where name = 'old'");
    expect(kept.rowCount).toBe(100);
    const caps = await stack.ctx.pg.query("select 1 from spending_caps where owner = $1", [`key:${oldest}`]);
    expect(caps.rowCount).toBe(0);
  });
});

test.each([
  [{ name: " " }, "name"],
  [{ name: "x".repeat(61) }, "name"],
  [{ name: "two\nlines" }, "name"],
  [{ name: "a", dayCap: 0 }, "dayCap"],
  [{ name: "a", dayCap: 1.5 }, "dayCap"],
  [{ name: "a", dayCap: 10 ** 12 }, "dayCap"],
  [{ name: "a", id: "1" }, "id"],
])("a key asked for as %j is refused for its %s, and none is made", async (json, param) => {
  const answer = await ann.my.keys.$post({ json });
  expect(answer.status).toBe(400);
  expect(JSON.parse(await answer.text())).toMatchObject({ error: { code: "invalid_request", param } });
  expect(await list(ann)).toEqual([]);
});

test("nobody has a key who never wrote to the bot", async () => {
  const param = { telegramId: "424242424242" };
  const keys = botOf(stack).api.people[":telegramId"].keys;
  expect((await keys.$post({ param, json: { name: "a" } })).status).toBe(404);
  expect((await keys.$get({ param })).status).toBe(404);
});
