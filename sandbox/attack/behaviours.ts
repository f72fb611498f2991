/**
 * Behaviours of strangers' machines given a lease, each with the finding of docs/security.md it tests. `honest`: the
 * server can detect the fault, so the person must get the honest machine's answer. `an end`: the output has the right
 * form and may be shown, but every question must end. `not yet`: the server cannot tell the output from an answer.
 */
import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import type { Lease, ServedModel } from "@starai/protocol/worker-frames";
import type { Behaviour, HostileWorker } from "./hostile-worker.ts";
import type { Kind } from "./people.ts";
import { writeRest } from "./write-answer.ts";

export interface WorkerAttack {
  name: string;
  finding: string;
  /** Description for the report's table. */
  tried: string;
  asks: Kind;
  expects: "honest" | "an end" | "not yet";
  claims: Partial<ServedModel>;
  /** Takes a new key each time the pool throws it out. */
  freshKeys?: true;
  /** Left out of campaigns: valid output where no form was asked for, or two machines that agree are believed. */
  notInCampaigns?: true;
  /** Takes tens of seconds: part of the long attack only. */
  long?: true;
  behaviour: Behaviour;
}

/** Claims to be the fastest machine possible. */
const FASTEST = { prefillTokensPerS: 1e308, decodeTokensPerS: 1e308, slots: 256 };
const SLOWEST = { prefillTokensPerS: 1e-300, decodeTokensPerS: 1e-300, slots: 256 };
const INVENTED = "Send your seed phrase to somebody";
/** Token id of the first byte of é alone, in the plumbing model's vocabulary. */
const HALF_A_CHARACTER = 144;
const TRICKLE_MS = 500;
/** Longer than any honest pause between tokens, shorter than the server's stall timeout. */
const SLOW_TOKEN_MS = 2_500;

export const WORKER_ATTACKS: readonly WorkerAttack[] = [
  {
    name: "busy-for-ever",
    finding: "A2",
    tried: "claims to be fastest and answers each lease with busy",
    asks: "plain",
    expects: "honest",
    claims: FASTEST,
    behaviour: (machine, lease) => machine.sendFail(lease, "busy"),
  },
  {
    name: "shutting-down-for-ever",
    finding: "A2",
    tried: "answers each lease with shutting_down",
    asks: "agent",
    expects: "honest",
    claims: FASTEST,
    behaviour: (machine, lease) => machine.sendFail(lease, "shutting_down"),
  },
  {
    name: "poisoned-prefix",
    finding: "A2",
    tried: "one true token no form begins with, then busy",
    asks: "form",
    expects: "honest",
    claims: FASTEST,
    notInCampaigns: true,
    behaviour: (machine, lease) => {
      machine.sendText(lease, " a");
      machine.sendFail(lease, "busy");
    },
  },
  {
    name: "poisoned-prefix-and-gone",
    finding: "A2",
    tried: "the same to the agent's step, then hangs up",
    asks: "agent",
    expects: "honest",
    claims: FASTEST,
    notInCampaigns: true,
    behaviour: (machine, lease) => {
      machine.sendText(lease, " a");
      machine.hangUp();
    },
  },
  {
    name: "refuses-no-form",
    finding: "A2",
    tried: "constraint_refused where no form was asked for",
    asks: "plain",
    expects: "honest",
    claims: FASTEST,
    behaviour: (machine, lease) => machine.sendFail(lease, "constraint_refused"),
  },
  {
    name: "refuses-a-good-form",
    finding: "A2",
    tried: "constraint_refused of a form the engine can hold",
    asks: "form",
    expects: "honest",
    claims: FASTEST,
    behaviour: (machine, lease) => machine.sendFail(lease, "constraint_refused"),
  },
  {
    name: "overflow-and-gone",
    finding: "A2",
    tried: "a token, context_overflow of a short prompt, and the socket closed at once",
    asks: "plain",
    expects: "honest",
    claims: FASTEST,
    behaviour: (machine, lease) => {
      sendBeginning(machine, lease, 1);
      machine.sendFail(lease, "context_overflow");
      machine.hangUp();
    },
  },
  {
    name: "half-surrogate",
    finding: "A3",
    tried: "an answer with half a character pair, raw, from a machine without ids",
    asks: "agent",
    expects: "an end",
    claims: { ...FASTEST, tokenIds: false },
    behaviour: (machine, lease) =>
      sendWhole(machine, lease, `{"thought":"x","action":{"final_answer":"hi \ud800 there"}}`),
  },
  {
    name: "half-surrogate-escaped",
    finding: "A3",
    tried: "the same as a JSON escape",
    asks: "agent",
    expects: "an end",
    claims: { ...FASTEST, tokenIds: false },
    behaviour: (machine, lease) =>
      sendWhole(machine, lease, `{"thought":"x","action":{"final_answer":"hi \\ud800 \\u0000 there"}}`),
  },
  {
    name: "fastest-that-crashes",
    finding: "A5",
    tried: "claims 1e308 tokens/s and fails each lease",
    asks: "plain",
    expects: "honest",
    claims: FASTEST,
    behaviour: (machine, lease) => machine.sendFail(lease, "engine_crashed"),
  },
  {
    name: "fresh-names-that-crash",
    finding: "A5",
    tried: "the same, with a new key after each lease",
    asks: "plain",
    expects: "honest",
    claims: FASTEST,
    freshKeys: true,
    behaviour: (machine, lease) => {
      machine.sendFail(lease, "engine_crashed");
      machine.hangUp();
    },
  },
  {
    name: "fastest-and-silent",
    finding: "A5",
    tried: "claims 1e308 tokens/s and says nothing",
    asks: "plain",
    expects: "honest",
    claims: FASTEST,
    long: true,
    behaviour: () => undefined,
  },
  {
    name: "slowest-and-silent",
    finding: "A5",
    tried: "claims 1e-300 tokens/s with 256 slots and says nothing",
    asks: "plain",
    expects: "honest",
    claims: SLOWEST,
    long: true,
    behaviour: () => undefined,
  },
  {
    name: "no-ids-though-declared",
    finding: "A6",
    tried: "declares token ids and sends text without",
    asks: "plain",
    expects: "honest",
    claims: FASTEST,
    behaviour: (machine, lease) => sendWhole(machine, lease, INVENTED),
  },
  {
    name: "true-ids-of-other-words",
    finding: "A6",
    tried: "well-formed words of its own, with their ids",
    asks: "plain",
    expects: "not yet",
    claims: FASTEST,
    behaviour: (machine, lease) => {
      machine.sendText(lease, INVENTED);
      machine.sendDone(lease);
    },
  },
  {
    name: "an-empty-answer",
    finding: "A6",
    tried: "done without a token",
    asks: "plain",
    expects: "honest",
    claims: FASTEST,
    notInCampaigns: true,
    behaviour: (machine, lease) => machine.sendDone(lease),
  },
  {
    name: "cut-after-a-word",
    finding: "A6",
    tried: "one token, then done for length",
    asks: "plain",
    expects: "honest",
    claims: FASTEST,
    behaviour: (machine, lease) => {
      sendBeginning(machine, lease, 1);
      machine.sendDone(lease, "length");
    },
  },
  {
    name: "control-tokens",
    finding: "A13",
    tried: "a word and 384 control tokens that decode to nothing",
    asks: "plain",
    expects: "honest",
    claims: FASTEST,
    behaviour: (machine, lease) => {
      sendBeginning(machine, lease, 1);
      const control = machine.ids.controls[1] ?? 2;
      for (let frame = 0; frame < 6; frame++)
        machine.sendTokens(
          lease,
          Array.from({ length: 64 }, () => control),
          "",
        );
      machine.sendDone(lease);
    },
  },
  {
    name: "more-than-asked-for",
    finding: "A13",
    tried: "640 tokens of its own words where 400 were asked for",
    asks: "plain",
    expects: "an end",
    claims: FASTEST,
    behaviour: (machine, lease) => {
      for (let frame = 0; frame < 10; frame++) machine.sendText(lease, " a".repeat(64));
      machine.sendDone(lease);
    },
  },
  {
    name: "progress-that-never-ends",
    finding: "A14",
    tried: "progress rising by 1e-9 twice a second",
    asks: "plain",
    expects: "honest",
    claims: FASTEST,
    long: true,
    behaviour: async (machine, lease) => {
      for (let done = 0; !machine.isOver(lease) && done < 1e-6; done += 1e-9) {
        machine.send({ type: "progress", job: lease.job, fence: lease.fence, done });
        await sleep(TRICKLE_MS);
      }
    },
  },
  {
    name: "empty-frames",
    finding: "A14",
    tried: "frames without tokens twice a second",
    asks: "plain",
    expects: "honest",
    claims: FASTEST,
    long: true,
    behaviour: async (machine, lease) => {
      for (let frame = 0; !machine.isOver(lease) && frame < 300; frame++) {
        machine.sendTokens(lease, [], "");
        await sleep(TRICKLE_MS);
      }
    },
  },
  {
    name: "a-token-now-and-then",
    finding: "A14",
    tried: "one right token every 2.5 s",
    asks: "plain",
    expects: "honest",
    claims: FASTEST,
    long: true,
    behaviour: async (machine, lease) => {
      for (const { id, text } of machine.ids.of(writeRest(lease) ?? "")) {
        if (machine.isOver(lease)) return;
        machine.sendTokens(lease, [id], text);
        await sleep(SLOW_TOKEN_MS);
      }
    },
  },
  {
    name: "wrong-number",
    finding: "C",
    tried: "a frame out of order",
    asks: "plain",
    expects: "honest",
    claims: FASTEST,
    behaviour: (machine, { job, fence }) =>
      machine.send({ type: "tokens", job, fence, seq: 7, tokens: [100], text: "t" }),
  },
  {
    name: "ids-of-no-word",
    finding: "C",
    tried: "token ids outside the vocabulary",
    asks: "form",
    expects: "honest",
    claims: FASTEST,
    behaviour: (machine, lease) => machine.sendTokens(lease, [49_152, 2 ** 40], "words"),
  },
  {
    name: "words-of-other-ids",
    finding: "C",
    tried: "a text that is not what its ids say",
    asks: "agent",
    expects: "honest",
    claims: FASTEST,
    behaviour: (machine, lease) => machine.sendTokens(lease, [machine.ids.of("a")[0]?.id ?? 0], INVENTED),
  },
  {
    name: "somebody-elses-job",
    finding: "C",
    tried: "frames for jobs and fences it was never given, then crashes",
    asks: "plain",
    expects: "honest",
    claims: FASTEST,
    behaviour: (machine, lease) => {
      machine.sendTokens({ ...lease, job: randomUUID() }, [100], "s");
      machine.sendTokens({ ...lease, fence: lease.fence + 1 }, [100], "s");
      machine.sendFail(lease, "engine_crashed");
    },
  },
  {
    name: "late-frames",
    finding: "C",
    tried: "gives a lease up and goes on sending its words",
    asks: "plain",
    expects: "honest",
    claims: FASTEST,
    behaviour: async (machine, lease) => {
      machine.sendFail(lease, "engine_stalled");
      for (let frame = 0; frame < 20; frame++) {
        machine.sendText(lease, " late");
        await sleep(20);
      }
      machine.sendDone(lease);
    },
  },
  {
    name: "half-a-character",
    finding: "C",
    tried: "right words, then the first byte of a character, and gone",
    asks: "plain",
    expects: "honest",
    claims: FASTEST,
    behaviour: (machine, lease) => {
      sendBeginning(machine, lease, 3);
      machine.sendTokens(lease, [HALF_A_CHARACTER], "");
      machine.hangUp();
    },
  },
  {
    name: "gone-before-the-last-word",
    finding: "C",
    tried: "all but the last token, and gone",
    asks: "form",
    expects: "honest",
    claims: FASTEST,
    behaviour: (machine, lease) => {
      sendBeginning(machine, lease, -1);
      machine.hangUp();
    },
  },
];

/** Sends a whole text without token ids, then `done`. */
function sendWhole(machine: HostileWorker, lease: Lease, text: string): void {
  machine.sendTokens(lease, null, text);
  machine.sendDone(lease);
}

/** Sends the first `tokens` tokens of the honest answer, a frame each; a negative count leaves out the last ones. */
export function sendBeginning(machine: HostileWorker, lease: Lease, tokens: number): void {
  for (const { id, text } of machine.ids.of(writeRest(lease) ?? "").slice(0, tokens))
    machine.sendTokens(lease, [id], text);
}
