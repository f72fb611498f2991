/**
 * Decides a batch: what each operation does to the books, as if they came one after another. Operations that cannot be
 * done change nothing, so that one poor account refuses its own holds only. Pure: the books hold all that counts.
 */
import type { Books, Changes, Posting } from "./books.ts";
import { Draft } from "./draft.ts";
import type { Asked, Capture, Hold, Move, Outcome, Reason, Release, Reverse } from "./operation.ts";

const DONE: Outcome = { kind: "done" };
const AGAIN: Outcome = { kind: "again" };
const CONFLICT: Outcome = { kind: "conflict" };
const refused = (because: Reason): Outcome => ({ kind: "refused", because });

export function decide(books: Books, asked: readonly Asked[]): { outcomes: Outcome[]; changes: Changes } {
  const draft = new Draft(books);
  const outcomes = asked.map((one) => decideOne(draft, one));
  return { outcomes, changes: draft.changes() };
}

function decideOne(draft: Draft, { operation, params }: Asked): Outcome {
  switch (operation.verb) {
    case "move":
      return earlier(draft, operation.key, params) ?? move(draft, operation, params);
    case "hold":
      return hold(draft, operation, params);
    case "capture":
      return earlier(draft, operation.key, params) ?? capture(draft, operation, params);
    case "release":
      return release(draft, operation);
    case "reverse":
      return earlier(draft, operation.key, params) ?? reverse(draft, operation, params);
  }
}

/** The answer to a key that was used before; null for a new one. */
function earlier({ done }: Draft, key: string, params: string): Outcome | null {
  const before = done.get(key);
  if (before === undefined) return null;
  return before === params ? AGAIN : CONFLICT;
}

function move(draft: Draft, { key, from, to, amount, kind }: Move, params: string): Outcome {
  const asset = draft.accounts.get(from)?.asset;
  if (asset === undefined) return refused({ code: "unknown_account", account: from });
  const postings = [{ key, leg: 0, params, asset, debit: from, credit: to, amount, kind, hold: null, reverses: null }];
  const obstacle = draft.obstacle(postings, { fromHold: false });
  if (obstacle !== null) return refused(obstacle);
  draft.post(postings);
  return DONE;
}

function hold(draft: Draft, asked: Hold, params: string): Outcome {
  const { id, account, amount, day, caps, expiresAt } = asked;
  const before = draft.holds.get(id);
  if (before !== undefined) return before.params === params ? AGAIN : CONFLICT;
  if (draft.halted) return refused({ code: "halted" });
  const payer = draft.accounts.get(account);
  if (payer === undefined) return refused({ code: "unknown_account", account });
  const available = draft.available(account);
  if (available !== null && available < amount) return refused({ code: "short", account, needed: amount, available });
  const { asset } = payer;
  const days = caps.map((cap) => ({ cap, row: draft.day({ owner: cap.owner, asset, day }) }));
  for (const { cap, row } of days) {
    const left = cap.amount - row.spent - row.held;
    if (left < amount) return refused({ code: "over_cap", owner: cap.owner, cap: cap.amount, left });
  }
  for (const { cap, row } of days) {
    row.cap = cap.amount;
    row.held += amount;
  }
  payer.held += amount;
  const capOwners = caps.map(({ owner }) => owner);
  draft.open({ id, account, asset, amount, used: 0n, open: true, params, day, capOwners, expiresAt });
  return DONE;
}

function capture(draft: Draft, { key, hold: id, legs }: Capture, params: string): Outcome {
  const held = draft.holds.get(id);
  if (held === undefined) return refused({ code: "unknown_hold" });
  if (!held.open) return refused({ code: "hold_closed" });
  const { account, asset } = held;
  const needed = legs.reduce((sum, { amount }) => sum + amount, 0n);
  const available = held.amount - held.used;
  if (needed > available) return refused({ code: "over_hold", needed, available });
  const shared = { key, params, asset, debit: account, hold: id, reverses: null };
  const postings = legs.map(({ to, amount, kind }, leg) => ({ ...shared, leg, credit: to, amount, kind }));
  const obstacle = draft.obstacle(postings, { fromHold: true });
  if (obstacle !== null) return refused(obstacle);
  draft.post(postings);
  draft.accounts.get(account)!.held -= needed;
  held.used += needed;
  for (const day of draft.daysOf(held)) {
    day.held -= needed;
    day.spent += needed;
  }
  return DONE;
}

function release(draft: Draft, { hold: id }: Release): Outcome {
  const held = draft.holds.get(id);
  if (held === undefined) return refused({ code: "unknown_hold" });
  if (!held.open) return AGAIN;
  const rest = held.amount - held.used;
  held.open = false;
  draft.accounts.get(held.account)!.held -= rest;
  for (const day of draft.daysOf(held)) day.held -= rest;
  return DONE;
}

function reverse(draft: Draft, { key, of }: Reverse, params: string): Outcome {
  const original = draft.originalOf(of);
  if (original.length === 0) return refused({ code: "unknown_effect" });
  if (original.some(({ reverses }) => reverses !== null)) return refused({ code: "is_a_reversal" });
  if (draft.reversed.has(of)) return refused({ code: "reversed_before" });
  const postings = original.map((posting): Posting => {
    const { leg, asset, debit, credit, amount, hold: from } = posting;
    const sides = { debit: credit, credit: debit };
    return { key, leg, params, asset, ...sides, amount, kind: "reversal", hold: from, reverses: of };
  });
  const obstacle = draft.obstacle(postings, { fromHold: false });
  if (obstacle !== null) return refused(obstacle);
  draft.post(postings);
  draft.reversed.add(of);
  for (const posting of postings) if (posting.hold !== null) giveBack(draft, posting.hold, posting.amount);
  return DONE;
}

function giveBack(draft: Draft, id: string, amount: bigint): void {
  const held = draft.holds.get(id)!;
  held.used -= amount;
  const days = draft.daysOf(held);
  for (const day of days) day.spent -= amount;
  if (!held.open) return;
  draft.accounts.get(held.account)!.held += amount;
  for (const day of days) day.held += amount;
}
