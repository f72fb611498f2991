import { createServer } from "node:http";
import type { RequestListener, Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, describe, expect, test } from "vitest";
import { nextRate } from "../prices/rate.ts";
import { coingecko } from "./coingecko.ts";
import { coinpaprika } from "./coinpaprika.ts";
import { readSources } from "./rate-source.ts";
import type { RateSource } from "./rate-source.ts";
import { RateUnreadable } from "./rate-unreadable.ts";
import type { ServiceOptions } from "./read-json.ts";

/** Recorded on 13 and 25 September 2026; the token of the same name came with the second answer. */
const GECKO = {
  "the-open-network": { usd: 1.35, last_updated_at: 1_789_303_930 },
  gram: { rub: 0.04413449, usd: 0.00051999 },
};
/** Recorded on 26 September 2024. */
const PAPRIKA = {
  id: "toncoin-the-open-network",
  name: "Toncoin",
  symbol: "TON",
  rank: 10,
  total_supply: 5_112_336_601,
  max_supply: 0,
  beta_value: 0.815309,
  first_data_at: "2021-09-17T00:00:00Z",
  last_updated: "2024-09-26T11:30:38Z",
  quotes: {
    USD: {
      price: 5.836430643134499,
      volume_24h: 274_984_284.58413553,
      market_cap: 14_800_123_260,
      percent_change_1h: -0.03,
    },
  },
};

const quiet = new AbortController().signal;
let server: Server | undefined;

afterEach(() => {
  server?.closeAllConnections();
  server?.close();
});

/** A service on this machine that answers like this; its address. */
async function serve(listener: RequestListener): Promise<string> {
  const started = createServer(listener);
  server = started;
  await new Promise<void>((resolve) => started.listen(0, "127.0.0.1", resolve));
  return `http://127.0.0.1:${(started.address() as AddressInfo).port}`;
}

function serveText(text: string, status = 200): Promise<string> {
  return serve((_request, response) => response.writeHead(status, { "content-type": "application/json" }).end(text));
}

const SERVICES: readonly [string, (options: ServiceOptions) => RateSource, object][] = [
  ["CoinGecko", coingecko, GECKO],
  ["CoinPaprika", coinpaprika, PAPRIKA],
];

describe("a recorded answer", () => {
  test("of CoinGecko is read by the coin's id, beside a token of the same name", async () => {
    let asked = "";
    const origin = await serve((request, response) => {
      asked = request.url ?? "";
      response.end(JSON.stringify(GECKO));
    });
    const source = "coingecko:the-open-network";
    expect(await coingecko({ origin }).read(quiet)).toEqual({
      source,
      microUsdPerCoin: 1_350_000n,
      at: 1_789_303_930_000,
    });
    const query = "ids=the-open-network&vs_currencies=usd&include_last_updated_at=true&precision=full";
    expect(asked).toBe(`/api/v3/simple/price?${query}`);
  });

  test("of CoinPaprika is read to the micro-dollar", async () => {
    const origin = await serveText(JSON.stringify(PAPRIKA));
    expect(await coinpaprika({ origin }).read(quiet)).toEqual({
      source: "coinpaprika:toncoin-the-open-network",
      microUsdPerCoin: 5_836_430n,
      at: Date.parse("2024-09-26T11:30:38Z"),
    });
  });
});

/** What a service may answer instead of a price: a change of each recorded answer. */
const NO_PRICES: readonly [string, unknown][] = [
  ["a text", "1.35"],
  ["null", null],
  ["nothing", 0],
  ["less than nothing", -1.35],
  ["what a token of the same name costs", 0.00051999],
  ["a fraction with an exponent", 1e-9],
  ["more than any coin costs", 10_000.01],
];

describe.each(SERVICES)("an answer of %s", (_name, open, recorded) => {
  /** The recorded answer with another price in it. */
  function priced(price: unknown): string {
    return JSON.stringify(recorded, (key, value: unknown) => (["usd", "price"].includes(key) ? price : value));
  }

  async function reading(text: string, status = 200): Promise<unknown> {
    const origin = await serveText(text, status);
    return open({ origin }).read(quiet);
  }

  test.each([
    [0.01, 10_000n],
    [1.2345678, 1_234_567n],
    [10_000, 10_000_000_000n],
  ])("may have a price of %s dollars", async (price, microUsdPerCoin) => {
    expect(await reading(priced(price))).toMatchObject({ microUsdPerCoin });
  });

  test.each(NO_PRICES)("cannot have %s as its price", async (_what, price) => {
    await expect(reading(priced(price))).rejects.toThrow(RateUnreadable);
  });

  test.each([
    ["endless as a number", (text: string) => text.replace(/1\.35|5\.8\d+/, "1e999")],
    ["cut off", (text: string) => text.slice(0, -5)],
    ["no JSON", () => "<html>Too many requests</html>"],
    ["empty", () => ""],
    ["a list", () => "[]"],
    ["about another coin", (text: string) => text.replaceAll("the-open-network", "gram")],
    ["without a time", (text: string) => text.replace("last_updated", "first_updated")],
    ["larger than any answer", (text: string) => `${" ".repeat(65 * 1_024)}${text}`],
  ])("that is %s is no rate", async (_what, change) => {
    await expect(reading(change(JSON.stringify(recorded)))).rejects.toThrow(RateUnreadable);
  });

  test.each([204, 404, 429, 500, 503])("with status %s is no rate", async (status) => {
    await expect(reading(JSON.stringify(recorded), status)).rejects.toThrow(`status ${status}`);
  });

  test("cannot send us elsewhere", async () => {
    const origin = await serve((request, response) => {
      if (request.url === "/elsewhere") response.end(JSON.stringify(recorded));
      else response.writeHead(302, { location: "/elsewhere" }).end();
    });
    await expect(open({ origin }).read(quiet)).rejects.toThrow(RateUnreadable);
  });

  test("that never ends is given up, by its size or by its time", async () => {
    const origin = await serve((_request, response) => {
      const flood = () =>
        void (response.write(" ".repeat(16_384)) ? setImmediate(flood) : response.once("drain", flood));
      flood();
    });
    await expect(open({ origin }).read(quiet)).rejects.toThrow("more than 65536 bytes");
    server?.closeAllConnections();
    const silent = await serve((_request, response) => void response.write("{"));
    await expect(open({ origin: silent, timeoutMs: 50 }).read(quiet)).rejects.toThrow(RateUnreadable);
  });

  test("is not waited for once the signal is raised", async () => {
    const stop = new AbortController();
    const origin = await serve(() => stop.abort(new Error("the server stops")));
    await expect(open({ origin }).read(stop.signal)).rejects.toThrow("the server stops");
  });

  test("of a service that is not there is no rate", async () => {
    await expect(open({ origin: "http://127.0.0.1:1" }).read(quiet)).rejects.toThrow(RateUnreadable);
  });
});

describe("reading all sources", () => {
  const now = Date.parse("2026-12-01T12:00:00Z");
  const sourceOf = (id: string, microUsdPerCoin: bigint): RateSource => ({
    id,
    read: () => Promise.resolve({ source: id, microUsdPerCoin, at: now }),
  });
  const broken: RateSource = { id: "broken", read: () => Promise.reject(new RateUnreadable("no answer")) };

  test("leaves out one that fails and says which", async () => {
    const faults: string[] = [];
    const sources = [sourceOf("a", 1_700_000n), broken, sourceOf("b", 1_710_000n)];
    const readings = await readSources(sources, { signal: quiet, onFault: (source) => faults.push(source) });
    expect(faults).toEqual(["broken"]);
    expect(nextRate(readings, [], now)).toMatchObject({ microUsdPerCoin: 1_705_000n, sources: ["a", "b"] });
  });

  test("makes no rate of the only one that answered", async () => {
    const readings = await readSources([broken, sourceOf("a", 1_700_000n)], {
      signal: quiet,
      onFault: () => undefined,
    });
    expect(nextRate(readings, [], now)).toBeNull();
  });

  test("ends when the signal is raised", async () => {
    const signal = AbortSignal.abort(new Error("the server stops"));
    await expect(readSources([broken], { signal, onFault: () => undefined })).rejects.toThrow("the server stops");
  });
});
