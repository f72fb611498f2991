/** The bill of a request: opened for the job it becomes, and never above what its owner has. */
import { randomUUID } from "node:crypto";
import type { CatalogueModel } from "@starai/protocol/catalogue";
import { assetOf } from "../billing/bill.ts";
import { closeBillAlone } from "../billing/close-bill.ts";
import { openBill } from "../billing/open-bill.ts";
import { planStep } from "../billing/plan-step.ts";
import { Refusal } from "../errors.ts";
import type { JobInput } from "../jobs/job.ts";
import type { ApiKey } from "./api-keys.ts";
import type { GatewayContext } from "./context.ts";

interface Asked {
  readonly caller: ApiKey;
  readonly model: CatalogueModel;
  /** The client named the length of its answer: then a shorter one would be another answer. */
  readonly namedLength: boolean;
}

/**
 * Opens the bill and returns the job with it. Where the client left the answer's length open, it is what can be paid.
 * @throws {Refusal} payment_required, cap_reached, payments_paused; nothing is charged then
 */
export async function billRequest(
  ctx: GatewayContext,
  { caller, model, namedLength }: Asked,
  { input, promptTokens }: { input: Required<JobInput>; promptTokens: number },
): Promise<Required<JobInput>> {
  const constrained = input.constraint !== null;
  const step = { promptTokens, answerTokensMax: input.maxTokens };
  const bill = await openBill(ctx, {
    id: randomUUID(),
    kind: "request",
    person: caller.owner,
    apiKey: caller.id,
    inGroup: false,
    model,
    ...ctx.registry.asksOf(model.id, { constrained, promptTokens, maxTokens: input.maxTokens, person: caller.owner }),
    steps: [step],
  });
  const plan = await planStep(ctx, bill, step);
  const terms = { isPaid: assetOf(bill) !== null, person: caller.owner, askPercentMax: bill.price.askPercent };
  const billed = { ...input, bill: bill.id, ...terms };
  if (plan.kind === "fits") return billed;
  if (plan.kind === "last" && !namedLength) return { ...billed, maxTokens: plan.answerTokensMax };
  await closeBillAlone(ctx, { bill: bill.id, end: "failed" });
  throw new Refusal(
    bill.bound === "balance" ? "payment_required" : "cap_reached",
    plan.kind === "last"
      ? `What can be spent covers ${plan.answerTokensMax} tokens of answer to this prompt, and ${input.maxTokens} were asked for. Nothing was charged. Ask for fewer with max_tokens, top up, or raise the limit.`
      : "What can be spent does not cover this prompt. Nothing was charged. Send less, top up, or raise the limit.",
    { param: "max_tokens" },
  );
}
