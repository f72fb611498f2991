/** How many pairing codes the machines of one origin may be given, so that one stranger cannot use up everybody's. */
import { EARNING_TERMS } from "@starai/protocol/contributor";
import type { Origin } from "./origin-of.ts";

/** As long as a code is good. */
const OF_ADDRESS_MAX = 20;
const OF_NETWORK_MAX = 100;

export class PairingShares {
  /** When codes were made, by address and by network; whoever was given none for longest comes first. */
  readonly #made = new Map<string, number[]>();

  /** Counts a code, and returns how to take that back where none was made; null where this origin had its share. */
  take({ address, network }: Origin, now: number): (() => void) | null {
    this.#forget(now - EARNING_TERMS.pairingMs);
    const shares = [
      { of: `address ${address}`, most: OF_ADDRESS_MAX },
      { of: `network ${network}`, most: OF_NETWORK_MAX },
    ];
    if (shares.some(({ of, most }) => this.#since(of, now).length >= most)) return null;
    for (const { of } of shares) this.#set(of, [...this.#since(of, now), now]);
    return () => {
      for (const { of } of shares) {
        const times = this.#made.get(of) ?? [];
        const at = times.indexOf(now);
        if (at !== -1) times.splice(at, 1);
      }
    };
  }

  #since(of: string, now: number): number[] {
    return (this.#made.get(of) ?? []).filter((at) => at > now - EARNING_TERMS.pairingMs);
  }

  #set(of: string, times: number[]): void {
    this.#made.delete(of);
    this.#made.set(of, times);
  }

  #forget(before: number): void {
    for (const [of, times] of this.#made) {
      if ((times.at(-1) ?? 0) > before) return;
      this.#made.delete(of);
    }
  }
}
