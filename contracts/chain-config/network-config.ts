import { Cell, Dictionary, beginCell } from "@ton/core";
import { slimConfig } from "@ton/sandbox/dist/config/slimConfig.js";
import { LOCAL_NETWORK_ID } from "./local-network.ts";

export { LOCAL_NETWORK_ID };

/** The price list of a chain: the current one, voted in by validators, or the one before. Contracts must work under both. */
export type Prices = "june-2026" | "before-april-2026";

/** Start of the new storage price, UNIX seconds, as in mainnet's configuration parameter 18. */
const NEW_STORAGE_PRICE_SINCE = 1_777_500_000;

interface NetworkOptions {
  prices?: Prices;
  networkId?: number;
  /** Version of the virtual machine's rules; by default the bundled 12. The emulator follows the rules it knows up to that number. */
  globalVersion?: number;
}

/**
 * The blockchain configuration of a local chain: the emulator's bundled one with its global id replaced (it carries mainnet's) and, for
 * `june-2026`, basechain prices as of masterchain block 72,712,993: gas 66.67 nano a unit, forward 66,667 + 66.67 a bit + 6,667 a cell,
 * storage 135 a cell for 65,536 s. Parameters 20 and 24 (masterchain) did not change.
 */
export function networkConfig(options: NetworkOptions = {}): Cell {
  const { prices = "june-2026", networkId = LOCAL_NETWORK_ID, globalVersion } = options;
  const params = Cell.fromBase64(slimConfig)
    .beginParse()
    .loadDictDirect(Dictionary.Keys.Int(32), Dictionary.Values.Cell());
  params.set(19, beginCell().storeInt(networkId, 32).endCell());
  if (globalVersion !== undefined) params.set(8, withVersion(param(params, 8), globalVersion));
  if (prices === "june-2026") {
    params.set(18, withJuneStorage(param(params, 18)));
    params.set(21, withJuneGas(param(params, 21)));
    params.set(25, juneForward());
  }
  return beginCell().storeDictDirect(params).endCell();
}

/** block.tlb: `capabilities#c4 version:uint32 capabilities:uint64`. */
function withVersion(bundled: Cell, version: number): Cell {
  const capabilities = bundled
    .beginParse()
    .skip(8 + 32)
    .loadUintBig(64);
  return beginCell().storeUint(0xc4, 8).storeUint(version, 32).storeUint(capabilities, 64).endCell();
}

/**
 * The key must equal `utime_since`, or the emulator rejects the dictionary. block.tlb: `_#cc utime_since:uint32
 * bit_price_ps:uint64 cell_price_ps:uint64 mc_bit_price_ps:uint64 mc_cell_price_ps:uint64`.
 */
function withJuneStorage(bundled: Cell): Cell {
  const prices = bundled
    .beginParse()
    .loadDictDirect(Dictionary.Keys.Uint(32), Dictionary.Values.BitString(8 + 32 + 256));
  const june = beginCell().storeUint(0xcc, 8).storeUint(NEW_STORAGE_PRICE_SINCE, 32);
  for (const price of [0, 135, 1000, 500_000]) june.storeUint(price, 64);
  prices.set(NEW_STORAGE_PRICE_SINCE, june.endCell().bits);
  return beginCell().storeDictDirect(prices).endCell();
}

/** block.tlb: `gas_flat_pfx#d1 flat_gas_limit:uint64 flat_gas_price:uint64 gas_prices_ext#de gas_price:uint64 …`; keeps the limits. */
function withJuneGas(bundled: Cell): Cell {
  const gas = bundled.beginParse();
  const head = beginCell().storeBits(gas.loadBits(8 + 64));
  const tag = gas.skip(64).loadBits(8);
  return head.storeUint(6667, 64).storeBits(tag).storeUint(thirds(200), 64).storeSlice(gas.skip(64)).endCell();
}

/** block.tlb: `msg_forward_prices#ea lump:uint64 bit:uint64 cell:uint64 ihr_factor:uint32 first_frac:uint16 next_frac:uint16`. */
function juneForward(): Cell {
  const prices = beginCell()
    .storeUint(0xea, 8)
    .storeUint(66_667, 64)
    .storeUint(thirds(200), 64)
    .storeUint(thirds(20_000), 64);
  return prices.storeUint(98_304, 32).storeUint(21_845, 16).storeUint(21_845, 16).endCell();
}

/** Prices are stored as nano × 2^16, so that a third of a nano unit can be charged. */
const thirds = (nano: number): bigint => (BigInt(nano) << 16n) / 3n;

function param(params: Dictionary<number, Cell>, key: number): Cell {
  const value = params.get(key);
  if (!value) throw new Error(`the bundled configuration has no parameter ${key}: was @ton/sandbox updated?`);
  return value;
}
