/** The part of `worker inspect` about money: what each model that fits would earn in an hour, and which would earn most. */
import { ASK_PERCENT } from "@starai/protocol/ask-percent";
import { loadCatalogue } from "@starai/protocol/catalogue";
import type { ModelLoad, PoolPrices } from "@starai/protocol/pool-prices";
import type { WorkerConfig } from "../config.ts";
import {
  busyWith,
  KWH_PRICE_ASSUMED,
  predictHour,
  scaledSpeeds,
  SHARING_ASSUMED,
  USUAL_JOB,
  WATTS_ASSUMED,
} from "../earnings/predict.ts";
import type { Hour, PowerKind, Speeds } from "../earnings/predict.ts";
import { plain } from "../earnings/words.ts";

/** A model as it was measured here. */
export interface MeasuredModel extends Speeds {
  id: string;
  slots: number;
  /** What a further stream adds to the time of one; null: not measured. */
  perStream: number | null;
}

interface Row {
  id: string;
  isMeasured: boolean;
  load: ModelLoad | null;
  /** As busy as this model was; null: it has no machine and no job waits, so nothing is known. */
  usual: Hour | null;
  full: Hour;
}

interface EarningFacts {
  fitting: readonly string[];
  measured: readonly MeasuredModel[];
  kind: PowerKind;
  prices: PoolPrices | string;
}

/**
 * Sentences and a table. Pure.
 * @param fitting  ids of the models that fit
 * @param prices  the pool's, and how busy each model was; text: why it does not say
 */
export function earningLines(config: WorkerConfig, { fitting, measured, kind, prices }: EarningFacts): string[] {
  if (measured.length === 0) return ["What it would earn is not known before a model was measured here."];
  if (typeof prices === "string")
    return [`What it would earn is not known: ${prices}. Name the pool with --pool <url>.`];
  const rows = prices.models.flatMap((price) =>
    fitting.includes(price.id) ? rowsOf(price, { config, kind, measured, feeBasisPoints: prices.feeBasisPoints }) : [],
  );
  if (rows.length === 0) return ["The pool sells none of the models that fit here."];
  const { microUsdPerCoin, coin } = prices;
  return [
    `What this machine would earn in an hour, after electricity (${powerWords(config, kind)}):`,
    ...tableOf(rows),
    `  ≈ by the size of the model that was measured. A job is taken to have ${USUAL_JOB.promptTokens} tokens to read and ` +
      `${USUAL_JOB.answerTokens} to write.`,
    ...sharingWords(measured),
    ...watchedWords(rows),
    ...verdictOf(rows),
    ...(microUsdPerCoin === null ? [] : [`  1 ${plain(coin, 20)} is ${dollars(Number(microUsdPerCoin) / 1e6)} now.`]),
    "  Only machines with a stake behind them get paid work; this is a guess and nobody's promise.",
  ];
}

interface RowFacts {
  config: WorkerConfig;
  kind: PowerKind;
  measured: readonly MeasuredModel[];
  feeBasisPoints: number;
}

/** None where nothing that was measured says how fast the model would be. */
function rowsOf(price: PoolPrices["models"][number], { config, kind, measured, feeBasisPoints }: RowFacts): Row[] {
  const known = speedsOf(price.id, measured);
  if (known === null) return [];
  const { slots, perStream } = known.by;
  const facts = {
    watts: config.power?.watts ?? WATTS_ASSUMED[kind],
    kwhPrice: config.power?.kwhPrice ?? KWH_PRICE_ASSUMED,
    speeds: known.speeds,
    sharing: { slots, perStream: perStream ?? SHARING_ASSUMED },
    price: { prompt: Number(price.prompt), answer: Number(price.answer) },
    askPercent: config.askPercent ?? ASK_PERCENT.usual,
    feeBasisPoints,
  };
  const busy = busyWith(price.load, slots);
  const usual = busy === null ? null : predictHour({ ...facts, busy });
  const { id, load } = price;
  return [{ id, load, isMeasured: known.by.id === id, usual, full: predictHour({ ...facts, busy: 1 }) }];
}

/** Speeds of a model, and the measured model they come from. */
function speedsOf(id: string, measured: readonly MeasuredModel[]): { speeds: Speeds; by: MeasuredModel } | null {
  const own = measured.find((one) => one.id === id);
  if (own) return { speeds: own, by: own };
  const catalogue = loadCatalogue();
  const [to, from] = [catalogue.get(id), measured.find((one) => catalogue.has(one.id))];
  const of = from && catalogue.get(from.id);
  if (!to || !from || !of) return null;
  return { speeds: scaledSpeeds(from, of, to), by: from };
}

function sharingWords(measured: readonly MeasuredModel[]): string[] {
  return measured
    .filter(({ slots }) => slots > 1)
    .map(({ id, slots, perStream }) => {
      const slower = 1 + (perStream ?? SHARING_ASSUMED) * (slots - 1);
      const how = perStream === null ? "taken to be" : "measured as";
      return `  With all ${slots} jobs of ${id} at once each is ${how} ${slower.toFixed(1)} times as slow as one alone.`;
    });
}

function watchedWords(rows: readonly Row[]): string[] {
  const looks = Math.max(0, ...rows.map(({ load }) => load?.looks ?? 0));
  if (looks === 0) return ["  The pool does not say yet how busy its models are: ask again in a minute."];
  const time = looks < 120 ? `${looks} minute${looks === 1 ? "" : "s"}` : `${Math.round(looks / 60)} hours`;
  return [
    `  Busy: the share of a model's slots at work over the last ${time} that the pool watched, and jobs that waited beside; ` +
      "these jobs are divided among its machines and this one.",
  ];
}

function powerWords({ power }: WorkerConfig, kind: PowerKind): string {
  const watts = power?.watts ? `${power.watts} W` : `${WATTS_ASSUMED[kind]} W assumed, STARAI_WATTS says better`;
  const price =
    power?.kwhPrice == null
      ? `${KWH_PRICE_ASSUMED} a kWh assumed, STARAI_KWH_PRICE says better`
      : `${power.kwhPrice} a kWh`;
  return `${watts}; $${price}`;
}

function tableOf(rows: readonly Row[]): string[] {
  const cells = [
    ["model", "busy", "then left", "never idle", "of it electricity"],
    ...rows.map(({ id, isMeasured, load, usual, full }) => [
      `${isMeasured ? "" : "≈ "}${id}`,
      usual === null || load === null ? "–" : busyWords(load),
      usual === null ? "nobody asks yet" : dollars(usual.left),
      dollars(full.left),
      dollars(full.electricity),
    ]),
  ];
  const width = (column: number) => Math.max(...cells.map((row) => row[column]?.length ?? 0));
  return cells.map(
    (row) =>
      `  ${row
        .map((cell, column) => cell.padEnd(width(column)))
        .join("  ")
        .trimEnd()}`,
  );
}

function busyWords({ busy, waiting }: ModelLoad): string {
  return `${Math.round(busy * 100)} %${waiting < 0.05 ? "" : `, ${waiting.toFixed(1)} waiting`}`;
}

function verdictOf(rows: readonly Row[]): string[] {
  const best = rows.reduce((one, other) => (gain(other) > gain(one) ? other : one));
  if (gain(best) > 0) return [`  ${best.id} would earn most: STARAI_MODEL=${best.id}`];
  const fullest = rows.reduce((one, other) => (other.full.left > one.full.left ? other : one));
  if (fullest.full.left > 0)
    return [
      `  As busy as the pool was, it would earn nothing; never idle, ${fullest.id} would earn ${dollars(fullest.full.left)} an hour.`,
    ];
  return [
    "  It would LOSE money with every model: its electricity costs more than its work brings. A laptop does not earn; you can " +
      "help the network with it all the same.",
  ];
}

const gain = ({ usual }: Row): number => usual?.left ?? 0;

/** Two digits that count, as amounts are this small. */
function dollars(amount: number): string {
  const size = Math.abs(amount);
  const text =
    size === 0 ? "0" : size >= 1 ? size.toFixed(2) : size.toFixed(Math.min(9, 1 - Math.floor(Math.log10(size))));
  return `${amount < 0 ? "−" : ""}$${text}`;
}
