/** Addresses of the chain as people read them, and where they can be looked at. Pure. */
import { friendlyAddress } from "@starai/contracts/connect/friendly-address";

const MAINNET = -239;
/** As many letters at each end as people compare. */
const SHOWN = 6;

interface Network {
  id: number;
  explorer: { transaction: string; address: string };
}

/** A wallet's address in the form that wallets show: nothing sent to it bounces. */
export function peopleAddress(raw: string, { id }: Pick<Network, "id">): string {
  return friendlyAddress(raw, { bounceable: false, testOnly: id !== MAINNET });
}

/** Of a contract of ours, which sends back what it refuses. */
export function contractAddress(raw: string, { id }: Pick<Network, "id">): string {
  return friendlyAddress(raw, { bounceable: true, testOnly: id !== MAINNET });
}

/** Opens a wallet with a payment of any amount filled in. @param comment  of letters and digits */
export function transferLink(address: string, comment: string): string {
  return `ton://transfer/${address}?text=${encodeURIComponent(comment)}`;
}

/** "UQAbcd…wxyz12". */
export function shortAddress(address: string): string {
  return `${address.slice(0, SHOWN)}…${address.slice(-SHOWN)}`;
}

/** @param base  the page's address: the links of a chain on this machine are relative to it */
export function addressLink(raw: string, network: Network, base: string): string {
  return new URL(network.explorer.address.replace("{address}", peopleAddress(raw, network)), base).href;
}

/** @param hash  hex */
export function transactionLink(hash: string, { explorer }: Network, base: string): string {
  return new URL(explorer.transaction.replace("{hash}", encodeURIComponent(hash)), base).href;
}
