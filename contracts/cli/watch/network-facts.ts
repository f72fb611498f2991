/** The chain's version and prices, which validators vote: contracts ask for prices when they need them, but their owners reckon. */
import { Dictionary } from "@ton/core";
import type { Cell, Slice } from "@ton/core";
import { coins } from "../words.ts";
import type { Fact } from "./fact.ts";

/** Parameters of the blockchain configuration that matter to our contracts. */
export const CONFIG_PARAMS = [8, 18, 20, 21, 25] as const;
type ConfigParam = (typeof CONFIG_PARAMS)[number];

export function networkFacts(params: ReadonlyMap<ConfigParam, Cell>): Fact[] {
  return [...params].map(([id, cell]) => ({
    key: `network ${id}`,
    says: `${inWords(id, cell)} (parameter ${id}, ${cell.hash().toString("hex", 0, 4)})`,
    alarming: false,
  }));
}

function inWords(id: ConfigParam, cell: Cell): string {
  try {
    return WORDS[id](cell.beginParse());
  } catch {
    return "the chain's configuration has a form this tool does not know";
  }
}

/** Layouts are those of block.tlb. Prices of gas and bits are stored as nano × 2^16. */
const WORDS: Record<ConfigParam, (param: Slice) => string> = {
  8: (param) => `the chain's version is ${expectTag(param, 0xc4).loadUint(32)}`,
  18: (param) => `storage of a cell costs ${storagePrice(param)} for 18 hours`,
  20: (param) => `gas of the masterchain costs ${gasPrice(param)}`,
  21: (param) => `gas of the basechain costs ${gasPrice(param)}`,
  25: (param) => `a message of the basechain costs at least ${coins(expectTag(param, 0xea).loadUintBig(64))}`,
};

/** The price is for 2^16 seconds, and the newest entry counts. */
function storagePrice(param: Slice): string {
  const prices = param.loadDictDirect(Dictionary.Keys.Uint(32), Dictionary.Values.BitString(8 + 32 + 256));
  const newest = prices.get(Math.max(...prices.keys()))!;
  return `${BigInt(
    `0x${newest
      .substring(8 + 32 + 64, 64)
      .toString()
      .replace("_", "")}`,
  )} nano units`;
}

function gasPrice(param: Slice): string {
  const price = expectTag(expectTag(param, 0xd1).skip(128), 0xde).loadUintBig(64);
  return `${coins((price * 1_000n) >> 16n)} for 1,000 units`;
}

function expectTag(param: Slice, tag: number): Slice {
  if (param.loadUint(8) !== tag) throw new Error("another layout");
  return param;
}
