/** What the live view shows, as lines for a terminal of some width. Pure. */
import { amountWords } from "../earnings/words.ts";

export interface ViewState {
  /** In one sentence: what the worker does now. */
  doing: string;
  tokensPerS: number;
  running: number;
  jobs: number;
  temperatureC: number | null;
  /** Of this run, by notes, nano units; and how many notes there were. */
  earned: { coin: bigint; stars: bigint; notes: number };
  /** Since when it runs, ms. */
  forMs: number;
  /** What it has of a group, and how that stands; null: nothing. */
  group: string | null;
  /** Whose machine it is and what it gets, in sentences. */
  standing: readonly string[];
  /** The code by which it is made one's own. */
  pairing: readonly string[];
  /** The last things that happened, the newest last. */
  events: readonly string[];
}

export interface Screen {
  columns: number;
  rows: number;
  colour: boolean;
}

/** Narrower terminals are shown this much, and wrap it. */
const COLUMNS_MIN = 20;
const LABEL = 10;

/** As many lines as fit, none longer than the screen is wide. */
export function drawFrame(state: ViewState, { columns, rows, colour }: Screen): string[] {
  const width = Math.max(COLUMNS_MIN, columns);
  const paint = (code: string, text: string) => (colour ? `\x1b[${code}m${text}\x1b[0m` : text);
  const head = cut(`StarAI worker · ${spanWords(state.forMs)}`, width);
  const facts = [
    ["now", state.doing],
    ...(state.group === null ? [] : [["group", state.group] as const]),
    ["speed", `${state.tokensPerS.toFixed(1)} tokens/s, ${count(state.running, "job")} running`],
    ["done", `${count(state.jobs, "job")}${state.temperatureC === null ? "" : `, ${state.temperatureC} °C`}`],
    ["earned", earnedWords(state.earned)],
  ] as const;
  const top = [
    paint("1", head),
    ...facts.flatMap(([name, text]) => labelled(name, text, width, (label) => paint("2", label))),
    ...section(state.standing, width),
    ...section(state.pairing, width).map((line) => paint("33", line)),
  ];
  const foot = cut("Ctrl-C stops it · p shows a pairing code", width);
  const room = Math.max(0, rows - top.length - 3);
  const events = state.events.flatMap((event) => wrap(event, width)).slice(room === 0 ? Infinity : -room);
  return [...top, ...(events.length > 0 ? ["", ...events] : []), paint("2", foot)].slice(0, Math.max(1, rows - 1));
}

/** Whole characters within a width; what does not fit ends in an ellipsis. */
function cut(text: string, width: number): string {
  const characters = Array.from(text);
  return characters.length <= width ? text : `${characters.slice(0, width - 1).join("")}…`;
}

/** At spaces where there are some; a longer word, such as a link, is cut into pieces so that it can be copied whole. */
export function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(" ")) {
    if (line !== "" && Array.from(line).length + 1 + Array.from(word).length <= width) {
      line += ` ${word}`;
      continue;
    }
    if (line !== "") lines.push(line);
    const characters = Array.from(word);
    while (characters.length > width) lines.push(characters.splice(0, width).join(""));
    line = characters.join("");
  }
  return [...lines, line];
}

function labelled(name: string, text: string, width: number, paint: (label: string) => string): string[] {
  return wrap(text, Math.max(COLUMNS_MIN - LABEL, width - LABEL)).map(
    (line, at) => `${at === 0 ? paint(name.padEnd(LABEL)) : " ".repeat(LABEL)}${line}`,
  );
}

function section(sentences: readonly string[], width: number): string[] {
  return sentences.length === 0 ? [] : ["", ...sentences.flatMap((one) => wrap(one, width))];
}

function earnedWords({ coin, stars, notes }: ViewState["earned"]): string {
  if (notes === 0) return "nothing yet in this run";
  const parts = [
    ...(coin > 0n ? [amountWords(coin, "coin")] : []),
    ...(stars > 0n ? [amountWords(stars, "stars")] : []),
  ];
  return `${parts.join(" and ")} for ${count(notes, "paid job")} in this run`;
}

function spanWords(ms: number): string {
  const minutes = Math.floor(ms / 60_000);
  return minutes < 60 ? count(minutes, "minute") : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

const count = (number: number, noun: string) => `${number} ${noun}${number === 1 ? "" : "s"}`;
