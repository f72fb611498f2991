/** What pages have asked and nobody has answered yet. Lives in memory: a page whose wallet restarted asks again. */
import { randomUUID } from "node:crypto";
import type { Session } from "./sessions.ts";
import type { TransactionRequest } from "./requests.ts";

export interface ConnectWish {
  readonly kind: "connect";
  readonly appName: string;
  readonly domain: string;
  /** What `ton_proof` is asked to sign; null when no proof is asked. */
  readonly proof: string | null;
  /** The page's key at the bridge; null when the page calls the injected wallet. */
  readonly app: string | null;
}

export interface TransactionWish {
  readonly kind: "transaction";
  readonly session: Session;
  readonly request: TransactionRequest;
  /** The page's number of the request. */
  readonly id: string;
}

export type Wish = ConnectWish | TransactionWish;

export interface Approval {
  readonly id: string;
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly wish: Wish;
}

/** More than a person would read; the oldest is dropped and its page hears nothing. */
const APPROVALS_MAX = 20;
/** Twice as long as a request is good for. */
const KEPT_MS = 600_000;

export class Approvals {
  #pending: Approval[] = [];

  /** Oldest first. */
  get pending(): readonly Approval[] {
    this.#pending = this.#pending.filter(({ at }) => at > Date.now() - KEPT_MS);
    return this.#pending;
  }

  add(wish: Wish): Approval {
    const approval = { id: randomUUID(), at: Date.now(), wish };
    this.#pending = [...this.pending, approval].slice(-APPROVALS_MAX);
    return approval;
  }

  find(id: string): Approval | null {
    return this.pending.find((approval) => approval.id === id) ?? null;
  }

  /** Returns it for the one who answers; null when it was answered or is too old. */
  take(id: string): Approval | null {
    const found = this.find(id);
    if (found) this.#pending = this.#pending.filter((approval) => approval !== found);
    return found;
  }

  /** Puts it back, since it could not be answered yet. */
  putBack(approval: Approval): void {
    this.#pending = [approval, ...this.#pending];
  }

  /** Nobody can answer what a page asked that is connected no more. */
  forgetOf(session: string): void {
    this.#pending = this.#pending.filter(({ wish }) => wish.kind === "connect" || wish.session.id !== session);
  }
}
