/**
 * The head of a group: llama-server computes the first layers and the output, and the nodes the rest, each of them over
 * a local port of its own. The engine that comes of it takes leases as any other does.
 *
 * It is not started again when it ends: the group is over then, and the pool forms another one.
 */
import { randomUUID } from "node:crypto";
import type { Duplex } from "node:stream";
import { setTimeout as wait } from "node:timers/promises";
import { plain } from "../earnings/words.ts";
import { EngineFailure } from "../engines/engine.ts";
import type { Engine } from "../engines/engine.ts";
import { LlamaEngine } from "../engines/llama/llama-engine.ts";
import { serverDriver } from "../engines/llama-server/server-driver.ts";
import { readMeasure, writeMeasure } from "../measures.ts";
import { dialTunnel } from "./dial-tunnel.ts";
import { dialDirect } from "./dial-direct.ts";
import { openEntry } from "./entry.ts";
import type { Entry } from "./entry.ts";
import { aborted, endOf } from "./part.ts";
import type { PartContext, PartEnd } from "./part.ts";

type HeadContext = PartContext<"head">;

/**
 * Silence before an answer's first token: twenty pieces of a prompt, of half a second each. An engine whose node is frozen says
 * nothing for ever, and one that is alone may be reading its file again.
 */
const QUIET_BEFORE_FIRST_TOKEN_MS = 10_000;

/** The engine's words where a layer server has another protocol, by its port here, or no memory for its layers, by its place. */
const REFUSED = /Failed to connect to 127\.0\.0\.1:(\d+)|failed to allocate RPC(\d+)/;
/** The engine's last words where a layer server sends something else than was asked for. */
const MALFORMED = /returned malformed response/;

/** A node that does not answer so long while the model is loaded: one reads what it holds from its disk meanwhile. */
const LOADING_SILENCE_MAX_MS = 2 * 60_000;
const LOOK_EVERY_MS = 1_000;

/** Runs until the group is over; ends every process and connection of it. */
export async function runHead(context: HeadContext, onUp: (engine: Engine) => void): Promise<PartEnd> {
  const closing = new AbortController();
  const links = context.part.nodes.map((_, place) => new NodeLink(context, place, closing.signal));
  try {
    for (const link of links) await link.listen();
    return blame(links, await serve(context, links, onUp));
  } catch (error) {
    if (error instanceof EngineFailure) suspect(links, error);
    return blame(links, endOf(error));
  } finally {
    closing.abort(new Error("the group is over"));
    await Promise.all(links.map((link) => link.close()));
  }
}

/** @throws EngineFailure when the engine does not come up */
async function serve(
  context: HeadContext,
  links: readonly NodeLink[],
  onUp: (engine: Engine) => void,
): Promise<PartEnd> {
  const { signal, tell } = context;
  const ended = new AbortController();
  const loaded = new AbortController();
  const engine = await engineOf(context, links, (failure) => {
    suspect(links, failure);
    ended.abort(failure);
  });
  try {
    tell({ kind: "preparing", done: 0, words: "loading the model over all machines" });
    const over = aborted(signal);
    const endedEarly = await Promise.race([engine.start(), over, unanswered(links, loaded.signal)]);
    loaded.abort();
    if (endedEarly) return endedEarly;
    onUp(engine);
    tell({ kind: "up", served: engine.served });
    return await Promise.race([aborted(ended.signal), over]);
  } finally {
    loaded.abort();
    await engine.close();
  }
}

async function engineOf(
  { frame, part, model, file, build, threads, config, log }: HeadContext,
  links: readonly NodeLink[],
  onEnd: (failure: EngineFailure) => void,
): Promise<LlamaEngine> {
  const { contextTokens, slots, kvType, sha256 } = frame;
  const layers = [part.layers, ...part.nodes.map((node) => node.layers)];
  const endpoints = links.map(({ port }) => `127.0.0.1:${port}`);
  const driver = serverDriver(build, { endpoints, layers });
  const machines = part.nodes.map(({ worker, layers: count }) => `${count} ${worker.slice(0, 12)}`).join(" ");
  const measureKey = { sha256, engine: driver.name, device: `group ${part.layers} ${machines}`, threads: [threads] };
  const speeds = await readMeasure(config.home, measureKey);
  const load = { path: file, sha256, template: model.template, contextTokens, slots, kvType, threads, speeds };
  return new LlamaEngine({
    driver,
    model,
    load: { ...load, gpu: false, prefixFolder: null },
    threadChoices: [threads],
    quietBeforeFirstTokenMs: QUIET_BEFORE_FIRST_TOKEN_MS,
    logger: log,
    onEnd,
    onMeasured: async (measured) => {
      await writeMeasure(config.home, measureKey, measured).catch((error: unknown) =>
        log.warn({ err: error }, "the measured speeds could not be kept; the next group measures again"),
      );
    },
  });
}

/** The way to one node: directly where both are in one network, else over the pool's relay. */
class NodeLink {
  readonly place: number;
  /** Its end of a connection closed first, or none could be opened. */
  isLost = false;
  /** What it does wrong although its connections are open. */
  fault: string | null = null;
  readonly #context: HeadContext;
  readonly #signal: AbortSignal;
  #entry: Entry | null = null;
  #direct: HeadContext["part"]["nodes"][number]["direct"];

  constructor(context: HeadContext, place: number, signal: AbortSignal) {
    this.place = place;
    this.#context = context;
    this.#signal = signal;
    this.#direct = context.part.nodes[place]?.direct ?? null;
  }

  /** Opens the port that the engine takes for the node's layer server. */
  async listen(): Promise<void> {
    const { file } = this.#context;
    this.#entry = await openEntry({ open: () => this.#open(), file, signal: this.#signal });
  }

  async close(): Promise<void> {
    await this.#entry?.close();
  }

  get port(): number {
    return this.#entry?.port ?? 0;
  }

  /** When the engine sent the node something last. */
  get askedAt(): number {
    return this.#entry?.askedAt ?? -Infinity;
  }

  /** The node has sent nothing since. */
  get owes(): boolean {
    return this.askedAt > (this.#entry?.heardAt ?? -Infinity);
  }

  get name(): string {
    return plain(this.#context.part.nodes[this.place]?.name ?? "");
  }

  async #open(): Promise<Duplex> {
    try {
      const tunnel = (await this.#dialDirectly()) ?? (await this.#dialRelay());
      // When the engine ends, our end closes first. An error does not tell whose it was: it is passed on from either side.
      tunnel.once("end", () => (this.isLost ||= !tunnel.writableEnded));
      return tunnel;
    } catch (error) {
      this.isLost ||= !this.#signal.aborted;
      this.#context.log.warn({ err: error, node: this.name }, "a node of the group cannot be reached");
      throw error;
    }
  }

  /** Null where that is not possible; it is not tried again. */
  async #dialDirectly(): Promise<Duplex | null> {
    const direct = this.#direct;
    if (direct === null) return null;
    try {
      return await dialDirect({ direct, secret: this.#secret, signal: this.#signal });
    } catch (error) {
      this.#direct = null;
      this.#context.log.info({ err: error, node: this.name }, "no direct connection: the pool relays");
      return null;
    }
  }

  async #dialRelay(): Promise<Duplex> {
    const { config, identity, frame } = this.#context;
    return await dialTunnel({
      poolUrl: config.poolUrl,
      identity,
      group: frame.group,
      place: this.place,
      secret: this.#secret,
      connection: randomUUID(),
      side: "head",
      signal: this.#signal,
    });
  }

  get #secret(): string {
    return this.#context.part.nodes[this.place]?.secret ?? "";
  }
}

/**
 * Finds the node that the engine ended for. It waits for one at a time, which is the one that it sent something to last; a head
 * that hangs by itself has had its answer.
 */
function suspect(links: readonly NodeLink[], { code, message }: EngineFailure): void {
  const [, port, place] = REFUSED.exec(message) ?? [];
  const refusing = links.find((link) => String(link.port) === port || String(link.place) === place);
  if (refusing) return void (refusing.fault = "does not take its part");
  const asked = lastAsked(links);
  if (MALFORMED.test(message)) asked.fault = "sends what is no answer";
  else if (code === "engine_stalled" && asked.owes) asked.fault = "answers nothing any more";
}

/** Rejects when the engine waits for a node that says nothing for too long, or when the signal is given. */
async function unanswered(links: readonly NodeLink[], signal: AbortSignal): Promise<never> {
  for (;;) {
    await wait(LOOK_EVERY_MS, undefined, { signal });
    const asked = lastAsked(links);
    if (asked.owes && performance.now() - asked.askedAt > LOADING_SILENCE_MAX_MS)
      throw new EngineFailure("engine_stalled", "the model was not loaded over all machines");
  }
}

function lastAsked(links: readonly NodeLink[]): NodeLink {
  return links.toSorted((one, other) => other.askedAt - one.askedAt)[0]!;
}

/** Names the nodes that were lost, where the connections tell. */
function blame(links: readonly NodeLink[], end: PartEnd): PartEnd {
  const lost = links.filter(({ isLost }) => isLost);
  if (lost.length > 0) {
    const names = lost.map(({ name }) => name).join(", ");
    return { reason: `the connection to ${names} was lost: ${end.reason}`, lost: lost.map(({ place }) => place) };
  }
  const faulty = links.find(({ fault }) => fault !== null);
  return faulty ? { reason: `${faulty.name} ${faulty.fault}: ${end.reason}`, lost: [faulty.place] } : end;
}
