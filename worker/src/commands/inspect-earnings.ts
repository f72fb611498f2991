/** The part of `worker inspect` about money: what each model that fits would earn in an hour, and which would earn most. */
import { ASK_PERCENT } from "@starai/protocol/ask-percent";
import { loadCatalogue } from "@starai/protocol/catalogue";
import { PoolPrices } from "@starai/protocol/pool-prices";
import { PoolStatus } from "@starai/protocol/pool-status";
import { z } from "zod";
import { askPool } from "../ask-pool.ts";
import type { WorkerConfig } from "../config.ts";
import {
  KWH_PRICE_ASSUMED,
  predictHour,
  scaledSpeeds,
  shareOf,
  USUAL_JOB,
  WATTS_ASSUMED,
} from "../earnings/predict.ts";
import type { Hour, PowerKind, Speeds } from "../earnings/predict.ts";
import { plain } from "../earnings/words.ts";
import { apiBaseOf } from "../pool-address.ts";

const Now = PoolStatus.extend({ load: z.number().min(0).max(1) }).loose();
const Day = z.looseObject({ load: z.array(z.number().nullable()).max(2_000) });

export interface MeasuredModel extends Speeds {
  id: string;
  slots: number;
}

interface Row {
  id: string;
  isMeasured: boolean;
  /** At the pool's load of the last day; null: no machine has the model, so nothing is known. */
  usual: Hour | null;
  full: Hour;
}

/**
 * Sentences and a table. Asks the pool for prices and load.
 * @param fitting  ids of the models that fit
 */
export async function earningLines(
  config: WorkerConfig,
  { fitting, measured, kind }: { fitting: readonly string[]; measured: readonly MeasuredModel[]; kind: PowerKind },
): Promise<string[]> {
  if (measured.length === 0) return ["What it would earn is not known before a model was measured here."];
  const base = apiBaseOf(config.poolUrl);
  const asked = await Promise.all([
    askPool(`${base}/api/pool/prices`, PoolPrices),
    askPool(`${base}/api/pool`, Now),
    askPool(`${base}/api/pool/history`, Day),
  ]).catch((error: unknown) => (error as Error).message);
  if (typeof asked === "string") return [`What it would earn is not known: ${asked}. Name the pool with --pool <url>.`];
  const [prices, now, day] = asked;
  const power = {
    watts: config.power?.watts ?? WATTS_ASSUMED[kind],
    kwhPrice: config.power?.kwhPrice ?? KWH_PRICE_ASSUMED,
  };
  const load = meanLoad(day.load) ?? now.load;
  const rows = prices.models
    .filter(({ id }) => fitting.includes(id))
    .flatMap((price) => {
      const speeds = speedsOf(price.id, measured);
      if (speeds === null) return [];
      const { slots = 0 } = now.models.find(({ id }) => id === price.id) ?? {};
      const facts = {
        ...power,
        speeds: speeds.speeds,
        price: { prompt: Number(price.prompt), answer: Number(price.answer) },
        askPercent: config.askPercent ?? ASK_PERCENT.usual,
        feeBasisPoints: prices.feeBasisPoints,
      };
      const share = shareOf({ load, slots, ownSlots: speeds.slots });
      const usual = share === null ? null : predictHour({ ...facts, share });
      return [{ id: price.id, isMeasured: speeds.isMeasured, usual, full: predictHour({ ...facts, share: 1 }) }];
    });
  if (rows.length === 0) return ["The pool sells none of the models that fit here."];
  const { microUsdPerCoin, coin } = prices;
  return [
    `What this machine would earn in an hour, after electricity (${powerWords(config, kind)}):`,
    ...tableOf(rows),
    `  ≈ by the size of the model that was measured. A job is taken to have ${USUAL_JOB.promptTokens} tokens to read and ` +
      `${USUAL_JOB.answerTokens} to write; the pool's load of the last day is ${Math.round(load * 100)} %, divided with this machine.`,
    ...verdictOf(rows),
    ...(microUsdPerCoin === null ? [] : [`  1 ${plain(coin, 20)} is ${dollars(Number(microUsdPerCoin) / 1e6)} now.`]),
    "  Only machines with a stake behind them get paid work; this is a guess and nobody's promise.",
  ];
}

function speedsOf(id: string, measured: readonly MeasuredModel[]) {
  const own = measured.find((one) => one.id === id);
  if (own) return { speeds: own as Speeds, slots: own.slots, isMeasured: true };
  const catalogue = loadCatalogue();
  const [to, from] = [catalogue.get(id), measured.find((one) => catalogue.has(one.id))];
  const of = from && catalogue.get(from.id);
  if (!to || !from || !of) return null;
  return { speeds: scaledSpeeds(from, of, to), slots: from.slots, isMeasured: false };
}

function meanLoad(minutes: readonly (number | null)[]): number | null {
  const known = minutes.filter((one) => one !== null);
  return known.length === 0 ? null : known.reduce((sum, one) => sum + one, 0) / known.length;
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
    ["model", "at this load", "never idle", "of it electricity"],
    ...rows.map(({ id, isMeasured, usual, full }) => [
      `${isMeasured ? "" : "≈ "}${id}`,
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

function verdictOf(rows: readonly Row[]): string[] {
  const best = rows.reduce((one, other) => (gain(other) > gain(one) ? other : one));
  if (gain(best) > 0) return [`  ${best.id} would earn most: STARAI_MODEL=${best.id}`];
  if (best.full.left > 0)
    return [
      `  At the pool's load it would earn nothing now; never idle, ${best.id} would earn ${dollars(best.full.left)} an hour.`,
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
