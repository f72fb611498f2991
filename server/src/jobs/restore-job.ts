/** Builds a job in memory from its row: new, left by an earlier process, or ended. */
import { ASK_PERCENT } from "@starai/protocol/ask-percent";
import { ERROR_CODES } from "@starai/protocol/error-codes";
import type { CatalogueModel } from "@starai/protocol/catalogue";
import type { Base } from "../base.ts";
import type { StoredRequest } from "../db/job-request.ts";
import type { JobResult } from "./job.ts";
import type { JobRow } from "./job-rows.ts";
import { LiveJob } from "./live-job.ts";
import type { JobEnd, JobPhase } from "./live-job.ts";

const PERSON = "person:";

type Clocks = Pick<Base, "clock" | "monotonic">;

/** @param workerName  of the last attempt; only used once the job is done */
export function restoreJob(clocks: Clocks, row: JobRow, model: CatalogueModel, workerName = ""): LiveJob {
  const { id, key, owner, bill, request, promptTokens } = row;
  const createdAt = row.createdAt.getTime();
  const ahead = clocks.monotonic() - clocks.clock();
  const [submittedAt, deadlineAt] = [createdAt + ahead, row.deadlineAt.getTime() + ahead];
  const { promptEstimated = false, askPercentMax = ASK_PERCENT.usual } = request;
  const times = { createdAt, submittedAt, deadlineAt };
  const asker = askerOf({ owner, bill, ...request });
  const facts = { id, key, owner, bill, model, request, promptTokens, askPercentMax, ...asker, ...times };
  const end = endOf(row, workerName);
  const phase: JobPhase = end
    ? { kind: "ended", end }
    : { kind: "waiting", since: submittedAt, moved: row.committedText !== "", notBefore: -Infinity };
  const { fence, committedText: text, committedTokens: tokens, completionTokens: counted } = row;
  const estimated = row.usageEstimated;
  const job = new LiveJob(facts, { fence, text, tokens, counted, estimated, promptEstimated, phase });
  job.firstTokenMs = row.firstTokenAt ? row.firstTokenAt.getTime() - createdAt : null;
  return job;
}

/** Who asks, and whether somebody pays. */
export function askerOf(job: Pick<JobRow, "owner" | "bill"> & Pick<StoredRequest, "isFree" | "isPaid" | "person">) {
  const { isFree = false, isPaid = job.bill !== null && !isFree, person = null } = job;
  return { isFree, isPaid, person: person ?? personOf(job.owner) };
}

/** The person an owner names; null for a key. */
function personOf(owner: string): string | null {
  return owner.startsWith(PERSON) ? owner.slice(PERSON.length) : null;
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
