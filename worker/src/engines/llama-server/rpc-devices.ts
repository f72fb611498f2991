/** The head's side of llama.cpp's RPC: which layers go to which layer server, and whether the head really took them all. */

export interface RpcLayers {
  /** `host:port` of each layer server, in the order of their layers. */
  endpoints: readonly string[];
  /** The head's own layers first, which are the model's first ones, then those of each endpoint. */
  layers: readonly number[];
}

export function rpcArguments({ endpoints, layers }: RpcLayers): string[] {
  const away = layers.slice(1);
  if (away.length !== endpoints.length) throw new Error("each layer server has its number of layers");
  // The output counts as one more layer behind the last; its weights stay here, as their results are 80 times larger than what goes in.
  // A model without an output of its own writes with its embeddings, which are read here in any case.
  const units = away.map((count, at) => (at === away.length - 1 ? count + 1 : count));
  return [
    "--rpc",
    endpoints.join(","),
    "--device",
    endpoints.map((_, at) => `RPC${at}`).join(","),
    "--tensor-split",
    units.join(","),
    "--override-tensor",
    String.raw`^(output|token_embd)\.weight=CPU`,
    "--gpu-layers",
    String(units.reduce((sum, count) => sum + count, 0)),
    "--fit",
    "off",
    // At its usual verbosity it does not say which devices it uses.
    "--log-verbosity",
    "4",
  ];
}

/** Both name the endpoint. */
const FAULT = /Failed to connect to [^\n]{0,100}|failed to allocate RPC[^\n]{0,120}/;

/** Reads in the head's log whether it uses every layer server. */
export class RpcWatch {
  readonly #expected: number;
  readonly #seen = new Set<string>();
  #fault: string | null = null;

  constructor(rpc: RpcLayers | undefined) {
    this.#expected = rpc?.endpoints.length ?? 0;
  }

  /** @param words  what the head wrote last, perhaps heard in part before */
  hear(words: string): void {
    if (this.#expected === 0) return;
    for (const [, device = ""] of words.matchAll(/using device (RPC\d+) /g)) this.#seen.add(device);
    this.#fault ??= FAULT.exec(words)?.[0] ?? null;
  }

  /** Why the model is not where it should be; null: nothing speaks against it so far. */
  fault(isUp: boolean): string | null {
    if (this.#fault !== null) return `a layer server of the group does not take its part: ${this.#fault}`;
    if (!isUp || this.#seen.size === this.#expected) return null;
    return `llama-server uses ${this.#seen.size} of the group's ${this.#expected} layer servers`;
  }
}
