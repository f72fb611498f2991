/** Builds a job in memory from its row: new, left by an earlier process, or ended. */
import { ERROR_CODES } from "@starai/protocol/error-codes";
import type { CatalogueModel } from "@starai/protocol/catalogue";
import type { Base } from "../base.ts";
import type { JobResult } from "./job.ts";
import type { JobRow } from "./job-rows.ts";
import { LiveJob } from "./live-job.ts";
import type { JobEnd, JobPhase } from "./live-job.ts";

type Clocks = Pick<Base, "clock" | "monotonic">;

/** @param workerName  of the last attempt; only used once the job is done */
export function restoreJob(clocks: Clocks, row: JobRow, model: CatalogueModel, workerName = ""): LiveJob {
  const { id, key, owner, request, promptTokens } = row;
  const createdAt = row.createdAt.getTime();
  const ahead = clocks.monotonic() - clocks.clock();
  const [submittedAt, deadlineAt] = [createdAt + ahead, row.deadlineAt.getTime() + ahead];
  const facts = { id, key, owner, model, request, promptTokens, createdAt, submittedAt, deadlineAt };
  const end = endOf(row, workerName);
  const phase: JobPhase = end
    ? { kind: "ended", end }
    : { kind: "waiting", since: submittedAt, moved: row.committedText !== "", notBefore: -Infinity };
  const { fence, committedText: text, committedTokens: tokens, usageEstimated: estimated } = row;
  const { promptEstimated = false } = request;
  const job = new LiveJob(facts, { fence, text, tokens, estimated, promptEstimated, phase });
  job.firstTokenMs = row.firstTokenAt ? row.firstTokenAt.getTime() - createdAt : null;
  return job;
}

function endOf(row: JobRow, workerName: string): JobEnd | null {
  if (row.state === "queued" || row.state === "leased") return null;
  if (row.state === "done") return { kind: "done", result: resultOf(row, workerName) };
  const code = ERROR_CODES.find((known) => known === row.error?.code) ?? "internal";
  return { kind: "failed", code, message: row.error?.message ?? "The job did not end well." };
}

function resultOf(row: JobRow, workerName: string): JobResult {
  const since = (time: Date | null) => (time === null ? null : time.getTime() - row.createdAt.getTime());
  return {
    text: row.committedText,
    finishReason: row.finishReason === "length" ? "length" : "stop",
    usage: { promptTokens: row.promptTokens, completionTokens: row.completionTokens, estimated: row.usageEstimated },
    worker: workerName,
    attempts: row.fence,
    firstTokenMs: since(row.firstTokenAt),
    elapsedMs: since(row.finishedAt) ?? 0,
  };
}
