/** Events that a worker's connection reports to the owner of the jobs. */
import type { WorkerFrame } from "@starai/protocol/worker-frames";
import type { ConnectedWorker } from "./connected-worker.ts";

export type LeaseFrame = WorkerFrame & { type: "progress" | "tokens" | "done" | "fail" };

/** Leases a returning worker may continue, and from which frame. */
export interface ResumedLease {
  job: string;
  fence: number;
  fromSeq: number;
}

/** What a worker says it still works on. */
export interface HeldLease {
  job: string;
  fence: number;
  nextSeq: number;
}

export interface LeaseEvents {
  /** Handles a frame about a lease. Frames of old leases change nothing, and their sender gets a `dropped` frame. */
  accept(connected: ConnectedWorker, frame: LeaseFrame): void;
  /** A worker joined. Of the leases it says it holds, it may continue those that are still its own. */
  workerJoined(connected: ConnectedWorker, holding: readonly HeldLease[]): ResumedLease[];
  /** A worker's connection is gone. If it may return, its leases wait for it a moment. */
  workerLeft(connected: ConnectedWorker, how: { mayReturn: boolean; why: string }): void;
}
