/** Data for the screenshots: two people with conversations, in English and in Russian, and a day of pool history. */
import { setTimeout as sleep } from "node:timers/promises";
import { openOperatorPort } from "@starai/server/operator/page/open-operator-port";
import { answers, calls } from "@starai/server/testing/scripted-thinking";
import type { Script } from "@starai/server/testing/scripted-thinking";
import { openStagedStack } from "@starai/sandbox/staged-stack";
import type { StagedStack } from "@starai/sandbox/staged-stack";
import { addCoins } from "./coin-data.ts";
import type { Holder } from "./coin-data.ts";

export interface Person {
  id: number;
  language: "en" | "ru";
  /** The conversation every scene of a chat shows. */
  thread: string;
  /** One with an answer of 30,000 characters. */
  long: string;
  /** One with code in its answer. */
  code: string;
  coins: Holder;
}

export interface Stage extends AsyncDisposable {
  stack: StagedStack;
  people: Record<"en" | "ru", Person>;
  /** People who have only pressed Start. */
  newcomers: Record<"en" | "ru", number>;
  /** The operator's page, with nothing but its key in the way. */
  operator: { url: string; key: string };
}

const COMPARISON = {
  en: [
    "For **small models** the second card is about three times faster:",
    "| Card | Memory | Speed | Power |\n|:-----|-------:|------:|------:|\n| RTX 3060 | 12 GB | 38 tok/s | 170 W |\n| RTX 4090 | 24 GB | 127 tok/s | 450 W |",
    "Per watt they are close: $$\\frac{38}{170} \\approx 0.22 \\quad \\frac{127}{450} \\approx 0.28$$",
    "To try it yourself:",
    "```bash\nnpm run worker -- start --pool wss://starai.example/pool\n```",
    "1. The worker measures its own speed.\n2. The pool gives it work it can finish.",
  ].join("\n\n"),
  ru: [
    "Для **небольших моделей** вторая карта примерно втрое быстрее:",
    "| Карта | Память | Скорость | Мощность |\n|:-----|-------:|------:|------:|\n| RTX 3060 | 12 ГБ | 38 ток/с | 170 Вт |\n| RTX 4090 | 24 ГБ | 127 ток/с | 450 Вт |",
    "На ватт они близки: $$\\frac{38}{170} \\approx 0{,}22 \\quad \\frac{127}{450} \\approx 0{,}28$$",
    "Попробовать самому:",
    "```bash\nnpm run worker -- start --pool wss://starai.example/pool\n```",
    "1. Воркер сам измеряет свою скорость.\n2. Пул даёт ему работу, которую он успеет.",
  ].join("\n\n"),
};
const CODE = `\`\`\`python
from collections import Counter

def words(text: str, most: int = 3) -> list[tuple[str, int]]:
    """The commonest words, in lower case; a line that is a good deal longer than any phone is wide."""
    return Counter(text.lower().split()).most_common(most)  # the first three
\`\`\`

\`\`\`sql
select word, count(*) as times from words where length(word) > 2 group by word order by times desc limit 3;
\`\`\``;
const SAID = {
  en: {
    earlier: ["Plan two days in Rome", "A birthday wish for a colleague", "Why is the sky blue?"],
    tool: "What is 17 % of 2,480?",
    code: "A function that counts words, in Python and as SQL",
    compare: "Which card is faster for small models?",
    long: "Write everything you know about graphics cards",
    thought: "The question asks for a share, so I calculate it.",
    result: "17 % of 2,480 is **421.6**.",
    paragraph: "A graphics card is many small processors that do the same thing to different numbers at once. ",
  },
  ru: {
    earlier: ["Два дня в Риме: составь план", "Поздравление коллеге с днём рождения", "Почему небо голубое?"],
    tool: "Сколько будет 17 % от 2480?",
    code: "Функция, которая считает слова, на Python и на SQL",
    compare: "Какая карта быстрее для небольших моделей?",
    long: "Напиши всё, что знаешь о видеокартах",
    thought: "Спрашивают долю от числа, значит, надо посчитать.",
    result: "17 % от 2480 — это **421,6**.",
    paragraph:
      "Видеокарта — это множество маленьких процессоров, которые делают одно и то же с разными числами сразу. ",
  },
};
const LONG_CHARS = 30_000;
const OPERATOR_KEY = "the-key-of-the-operator-in-a-picture-0123";

export async function setStage(home: string): Promise<Stage> {
  const stack = await openStagedStack({ home, ton: { topUpInTelegram: true } });
  await until(async () => stack.ctx.ton.chain !== null);
  await fillHistory(stack);
  const en = await addPerson(stack, 4_242, "en");
  const ru = await addPerson(stack, 4_243, "ru");
  const newcomers = { en: 4_250, ru: 4_251 };
  for (const language of ["en", "ru"] as const) {
    await post(stack, "user", { user: newcomers[language], name: language === "en" ? "Kim" : "Ким", language });
    await stack.say(newcomers[language], "/start");
  }
  const page = await openOperatorPort(stack.ctx, { host: "127.0.0.1", port: 0, key: OPERATOR_KEY });
  return {
    stack,
    people: { en, ru },
    newcomers,
    operator: { url: page.url, key: OPERATOR_KEY },
    async [Symbol.asyncDispose]() {
      await page.close();
      await stack[Symbol.asyncDispose]();
    },
  };
}

async function addPerson(stack: StagedStack, id: number, language: "en" | "ru"): Promise<Person> {
  const said = SAID[language];
  await post(stack, "user", { user: id, name: language === "en" ? "Alex" : "Саша", language });
  const ask = async (question: string, script: Script) => {
    stack.script = script;
    await stack.say(id, question);
    await until(
      async () =>
        (await count(stack, "select count(*) from runs where status = 'running'")) === 0 &&
        (await answered(stack, question)),
    );
  };
  for (const question of said.earlier) {
    await ask(question, () => paced(said.paragraph.repeat(2)));
    await stack.say(id, "/new");
  }
  await ask(said.long, () => paced(said.paragraph));
  const long = await threadOf(stack, said.long);
  const text = longAnswer(said.paragraph);
  await stack.ctx.pg.query("update messages set text = $2 where thread_id = $1 and role = 'assistant'", [long, text]);
  await stack.ctx.pg.query("update runs set answer = $2 where thread_id = $1", [long, text]);
  await stack.say(id, "/new");
  await ask(said.code, () => paced(CODE));
  const code = await threadOf(stack, said.code);
  await stack.say(id, "/new");
  await ask(said.tool, ({ step }) =>
    step === 0 ? calls("calculator", { expression: "17% of 2480" }, said.thought) : paced(said.result),
  );
  await ask(said.compare, () => paced(COMPARISON[language]));
  const coins = await addCoins(stack, id);
  return { id, language, long, code, coins, thread: await threadOf(stack, said.compare) };
}

/** Streams the text at the speed that its machine reports, about 61 tokens a second. */
function paced(text: string): AsyncIterable<string> {
  return answers(words());
  async function* words() {
    for (const piece of text.match(/[^]{1,12}/gu) ?? []) {
      yield piece;
      await sleep(49);
    }
  }
}

function longAnswer(paragraph: string): string {
  let text = "";
  for (let part = 1; text.length < LONG_CHARS; part++)
    text += `## ${part}\n\n${paragraph.repeat(8)}\n\n- ${paragraph}\n- ${paragraph}\n\n`;
  return text.slice(0, LONG_CHARS);
}

/** A day like others: quiet at night, busy in the evening. */
async function fillHistory(stack: StagedStack): Promise<void> {
  await stack.ctx.pg.query(`
    insert into pool_minutes (minute, workers, tokens, answers, queued, load)
    select date_trunc('minute', now()) - make_interval(mins => m),
      3 + round(2 * sin(m / 180.0))::int, (1800 + 1500 * sin(m / 220.0) + 300 * sin(m / 7.0))::int,
      (6 + 5 * sin(m / 220.0))::int, 0, 0.4 + 0.3 * sin(m / 220.0)
    from generate_series(1, 1435) as m on conflict do nothing`);
}

async function threadOf(stack: StagedStack, question: string): Promise<string> {
  const { rows } = await stack.ctx.pg.query("select thread_id from messages where text = $1", [question]);
  return String(rows[0]?.thread_id);
}

async function answered(stack: StagedStack, question: string): Promise<boolean> {
  const sql =
    "select count(*) from messages q join messages a on a.parent_id = q.id where q.text = $1 and a.text <> ''";
  return Number((await stack.ctx.pg.query(sql, [question])).rows[0].count) > 0;
}

async function count(stack: StagedStack, sql: string): Promise<number> {
  return Number((await stack.ctx.pg.query(sql)).rows[0].count);
}

async function until(met: () => Promise<boolean>): Promise<void> {
  for (const giveUpAt = Date.now() + 60_000; !(await met());) {
    if (Date.now() > giveUpAt) throw new Error("the screenshots' data was not ready after a minute");
    await sleep(50);
  }
}

export async function post(stack: StagedStack, what: string, body: object): Promise<unknown> {
  const headers = { "content-type": "application/json" };
  const answer = await fetch(`${stack.url}sim/${what}`, { method: "POST", headers, body: JSON.stringify(body) });
  if (!answer.ok) throw new Error(`${what}: ${await answer.text()}`);
  return answer.json();
}
