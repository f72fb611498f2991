/** What a run's steps are paid by: its bill, opened before the first of them, and asked before each. */
import { eq } from "drizzle-orm";
import type { CatalogueModel } from "@starai/protocol/catalogue";
import { assetOf } from "../billing/bill.ts";
import type { Bill } from "../billing/bill.ts";
import { discardJob } from "../billing/discard-job.ts";
import { openBill } from "../billing/open-bill.ts";
import { planStep } from "../billing/plan-step.ts";
import { jobs } from "../db/schema.ts";
import { Refusal } from "../errors.ts";
import { countPrompt } from "../jobs/count-prompt.ts";
import type { PromptCount } from "../jobs/count-prompt.ts";
import type { JobInput } from "../jobs/job.ts";
import type { AgentContext } from "./context.ts";
import { STEPS_MAX } from "./loop-guard.ts";
import { LAST_STEP_TOKENS } from "./react-step-model.ts";
import type { AffordableStep, PlannedStep } from "./react-step-model.ts";
import type { StoredRun } from "./run-store.ts";

/** Of a step's job: asked for again, also by the next server, it is the same one. */
export function stepKey(run: string, { index, attempt }: Pick<PlannedStep, "index" | "attempt">): string {
  return `run:${run}:${index}${attempt === 0 ? "" : `:again`}`;
}

export class StepPayments {
  readonly #ctx: AgentContext;
  readonly #run: StoredRun;
  readonly #model: CatalogueModel;
  readonly #contextTokens: number;
  #bill: Bill | null = null;
  /** Of the step planned last: its job need not count it again. */
  counted: PromptCount | null = null;

  constructor(
    ctx: AgentContext,
    { run, model, contextTokens }: { run: StoredRun; model: CatalogueModel; contextTokens: number },
  ) {
    this.#ctx = ctx;
    this.#run = run;
    this.#model = model;
    this.#contextTokens = contextTokens;
  }

  /** How much of this step can be paid for. @throws Refusal payment_required, cap_reached, payments_paused; the count's */
  async plan({ index, attempt, turns, maxTokens }: PlannedStep): Promise<AffordableStep> {
    this.counted = await countPrompt(this.#ctx, { model: this.#model, owner: this.owner, turns });
    const step = { promptTokens: this.counted.promptTokens, answerTokensMax: maxTokens };
    this.#bill ??= await this.#open(step);
    const plan = await planStep(this.#ctx, this.#bill, step);
    if (plan.kind === "fits") return plan;
    // Asked for before this server's last end: it was planned then, and what it costs may be captured already.
    const key = stepKey(this.#run.snapshot.id, { index, attempt });
    if ((await this.#ctx.db.$count(jobs, eq(jobs.key, key))) > 0) return { kind: "fits" };
    if (plan.kind === "last" && plan.answerTokensMax >= LAST_STEP_TOKENS) return plan;
    throw new Refusal(
      this.#bill.bound === "balance" ? "payment_required" : "cap_reached",
      "what is left of the answer's budget does not cover another step",
    );
  }

  /** What the bill says of each of its jobs; call `plan` first. */
  get terms(): Pick<Required<JobInput>, "isFree" | "isPaid" | "askPercentMax"> & { bill: string } {
    const bill = this.#bill;
    if (bill === null) throw new Error("a step is asked for before it was planned");
    const isFree = bill.paidWith === "free";
    return { bill: bill.id, isFree, isPaid: assetOf(bill) !== null, askPercentMax: bill.price.askPercent };
  }

  discard(job: string): Promise<void> {
    return discardJob(this.#ctx, { bill: this.#run.bill, job });
  }

  get owner(): string {
    return `person:${this.#run.personId}`;
  }

  #open(first: { promptTokens: number; answerTokensMax: number }): Promise<Bill> {
    const { answerTokensMax } = first;
    // A later prompt may fill what the model takes beside the answer.
    const later = {
      promptTokens: Math.max(first.promptTokens, this.#contextTokens - answerTokensMax),
      answerTokensMax,
    };
    const needs = { constrained: true, promptTokens: first.promptTokens, maxTokens: answerTokensMax };
    const asks = this.#ctx.registry.asksOf(this.#model.id, { ...needs, person: this.#run.personId });
    return openBill(this.#ctx, {
      id: this.#run.bill,
      kind: "answer",
      person: this.#run.personId,
      apiKey: null,
      inGroup: this.#run.inGroup,
      model: this.#model,
      ...asks,
      steps: [first, ...Array.from({ length: STEPS_MAX - 1 }, () => later)],
    });
  }
}
