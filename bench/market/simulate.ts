/** Plays a load on a pool under one rule, in simulated time. */
import { Heap } from "../../server/src/scheduler/heap.ts";
import { slowdown } from "../../server/src/scheduler/predict.ts";
import { Pace } from "../../server/src/pool/pace.ts";
import { SLOTS, TRIES } from "./pool.ts";
import type { Machine, Request, Running, Waiting } from "./pool.ts";
import type { Rule } from "./rules.ts";

/** What happens when a machine breaks off. */
export interface Recovery {
  /** Ms until somebody notices. */
  readonly noticedMs: number;
  /** Whether the next try continues after what was written, or begins again. */
  readonly continues: boolean;
}

export interface Outcome {
  readonly completed: number;
  readonly asked: number;
  /** Completed without a second try. */
  readonly atOnce: number;
  /** Of completed requests, ms, from the shortest. */
  readonly latenciesMs: readonly number[];
  /** By machine id: tokens of answers it was paid for, times its ask. */
  readonly earned: ReadonlyMap<string, number>;
}

interface State {
  readonly machine: Machine;
  readonly running: Set<Running>;
  readonly queue: Waiting[];
  readonly pace: Pace;
  completed: number;
  failed: number;
  triesMs: number;
  earned: number;
}

interface Event {
  readonly at: number;
  readonly order: number;
  readonly run: () => void;
}

/** A lease crosses the network twice. */
const ROUND_TRIP_MS = 100;

export function simulate(
  { machines, requests }: { machines: readonly Machine[]; requests: readonly Request[] },
  rule: Rule,
  recovery: Recovery,
): Outcome {
  const states = machines.map((machine): State => ({
    machine,
    running: new Set(),
    queue: [],
    pace: new Pace(),
    completed: 0,
    failed: 0,
    triesMs: 0,
    earned: 0,
  }));
  const events = new Heap<Event>(
    [],
    (one, other) => one.at - other.at < 0 || (one.at === other.at && one.order < other.order),
  );
  const waiting: Waiting[] = [];
  const latenciesMs: number[] = [];
  let [now, order, atOnce] = [0, 0, 0];
  const at = (time: number, run: () => void) => events.push({ at: time, order: order++, run });

  for (const request of requests) at(request.at, () => place({ request, written: 0, tries: 0, failedOn: new Set() }));
  for (let event = events.pop(); event; event = events.pop()) {
    now = event.at;
    event.run();
  }
  const earned = new Map(states.map(({ machine, earned }) => [machine.id, earned]));
  const [completed, asked] = [latenciesMs.length, requests.length];
  return { completed, asked, atOnce, latenciesMs: latenciesMs.toSorted((a, b) => a - b), earned };

  function place(one: Waiting): void {
    const chosen = rule.choose(one, states.map(seenOf), now);
    if (chosen === null) return void waiting.push(one);
    const state = states[chosen]!;
    if (rule.queuesAtMachine && state.running.size >= SLOTS) return void state.queue.push(one);
    begin(one, state);
  }

  function begin(one: Waiting, state: State): void {
    const { machine } = state;
    const { request } = one;
    const luck = request.luck[one.tries]!;
    one.tries++;
    const beside = slowdown(state.running.size);
    const promptTokens = request.promptTokens + one.written;
    const readMs = (promptTokens / machine.prefillTokensPerS) * 1_000 * beside;
    const left = request.answerTokens - one.written;
    const writeMs = (left / machine.decodeTokensPerS) * 1_000 * beside;
    const fails = luck.fails >= machine.reliability;
    const share = fails ? luck.where : 1;
    const tookMs = ROUND_TRIP_MS + (readMs + writeMs) * share;
    const writtenMs = Math.max(0, (readMs + writeMs) * share - readMs);
    const written = Math.floor(writtenMs / (writeMs / left));
    const running = { waiting: one, endsAt: now + tookMs };
    state.running.add(running);
    at(running.endsAt, () => {
      state.running.delete(running);
      state.triesMs += tookMs;
      // As the pool learns from a lease: one that ended before its first token says nothing.
      const read = { tokens: promptTokens, ms: ROUND_TRIP_MS + readMs };
      if (written > 0) state.pace.learn(read, { tokens: written, ms: writtenMs }, beside);
      if (fails) lose(one, state, Math.min(left, written));
      else finish(one, state, left);
      next(state);
    });
  }

  function finish(one: Waiting, state: State, tokens: number): void {
    state.completed++;
    if (one.tries === 1) atOnce++;
    state.earned += tokens * state.machine.ask;
    latenciesMs.push(now - one.request.at);
  }

  function lose(one: Waiting, state: State, tokens: number): void {
    state.failed++;
    one.failedOn.add(state.machine.id);
    if (recovery.continues) {
      one.written += tokens;
      state.earned += tokens * state.machine.ask;
    }
    // Whoever has been asked often enough gets an error.
    if (one.tries < TRIES) at(now + recovery.noticedMs, () => place(one));
  }

  function next(state: State): void {
    const own = state.queue.shift();
    if (own) return begin(own, state);
    const first = waiting.shift();
    if (first) place(first);
  }
}

function seenOf({ machine, running, queue, pace, completed, failed, triesMs }: State) {
  const ended = completed + failed;
  const { claimFactor, prefillTokensPerS, decodeTokensPerS } = machine;
  const claim = {
    prefillTokensPerS: prefillTokensPerS * claimFactor,
    decodeTokensPerS: decodeTokensPerS * claimFactor,
  };
  const meanMs = ended === 0 ? null : triesMs / ended;
  return {
    machine,
    running: [...running],
    queued: queue.length,
    completed,
    failed,
    meanMs,
    expected: pace.expected(claim, undefined),
  };
}
