/**
 * The tools a question may need, enforced by the step's grammar: a small model calls any tool on offer, the calculator
 * for a translation or the pool's status for a list of cities. The system text names all tools and so stays cached.
 */
import { OPENING } from "../grammar/openings.ts";
import { IN_ENGLISH, IN_RUSSIAN } from "./language-names.ts";
import type { OfferedTool } from "./step-format.ts";

const RUSSIAN_NAMES = `русск|${IN_RUSSIAN}`;
const TRANSLATION = new RegExp(
  String.raw`\btranslat\w+\b.*\b(?:${IN_ENGLISH})\b|\bsay\b.*\bin (?:${IN_ENGLISH})\b|(?<!\p{L})перев[её]д\p{L}*.*(?<!\p{L})(?:на|с) (?:${RUSSIAN_NAMES})|(?<!\p{L})(?:сказать|будет)(?!\p{L}).*(?:по-|на )(?:${RUSSIAN_NAMES})`,
  "iu",
);
/** Characters at the beginning of a question that are searched for a translation request. */
const LOOKED_AT_CHARS = 300;

/** A question about the pool names it, its machines, its models or how busy they are. */
const OF_THE_POOL =
  /\b(?:pool|machines?|computers?|workers?|gpus?|graphics cards?|servers?|models?|queue|busy|online|star ?ai)\b|пул|машин|компьютер|видеокарт|сервер|модел|очеред|занят|онлайн|на ч[её]м ты/iu;

/** An hour as people name it: in digits or in words. */
const HOUR_NAMED =
  /\d|\b(?:noon|midday|midnight|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve)\b|пол(?:день|дня|ночь|ночи)|(?<!\p{L})(?:часа? (?:дня|ночи)|два|три|четыре|пять|шесть|семь|восемь|девять|десять|одиннадцать|двенадцать)(?!\p{L})/iu;

/** `said`: the person's messages of this conversation, the question included. */
export function toolsForQuestion(tools: readonly OfferedTool[], question: string, said: string): OfferedTool[] {
  if (TRANSLATION.test(question.slice(0, LOOKED_AT_CHARS))) return [];
  return tools
    .filter(({ name }) => name !== "pool_status" || OF_THE_POOL.test(said))
    .map((tool) => (tool.name === "current_time" && !HOUR_NAMED.test(said) ? withoutHour(tool) : tool));
}

/** Makes the query begin with a place if nobody named an hour: models copied `8 pm Rome to Seoul` from an example. */
function withoutHour(tool: OfferedTool): OfferedTool {
  const { properties, ...rest } = tool.args as { properties: { query: Record<string, unknown> } };
  return {
    ...tool,
    args: { ...rest, properties: { ...properties, query: { ...properties.query, [OPENING]: "letter" } } },
  };
}
