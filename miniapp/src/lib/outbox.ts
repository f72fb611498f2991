/**
 * Messages that the person sent and the server has not accepted yet. They are stored before they are sent and sent in
 * order, each under its own id, which makes sending it again harmless; they wait for the network as long as needed, across
 * reloads too. A message that the server refuses stays, with the reason, until the person decides.
 */
import { ServerRefused } from "@starai/server/client";
import { pause } from "@starai/protocol/pause";
import { GrowingPause } from "@starai/protocol/retry";
import type { KeptText } from "./storage.ts";

/** A question, possibly an edit of an older one, or a request for another answer to one. */
export type Sending =
  | { kind: "message"; text: string; edits?: string }
  /** `message` is the question or one of its answers. */
  | { kind: "again"; message: string };

export interface Entry {
  externalId: string;
  thread: string;
  sending: Sending;
  /** Why the server refused it; null while it waits or is being sent. */
  refusal: { code: string; message: string } | null;
}

/** `answer` is the id of the answer's message. */
export interface Delivered {
  answer: string;
}

export interface Outbox {
  entries: () => readonly Entry[];
  subscribe: (listener: () => void) => () => void;
  /** Returns false, and stores nothing, when too many entries are waiting. */
  add: (thread: string, sending: Sending) => boolean;
  retry: (externalId: string) => void;
  discard: (externalId: string) => void;
  /** Retries at once, because the network may be back. */
  wake: () => void;
}

interface OutboxOptions {
  storage: KeptText;
  person: string;
  /** @throws ServerRefused when the server refuses the entry, anything else when it could not be reached */
  send: (entry: Entry) => Promise<Delivered>;
  /** Called once the server has accepted an entry, which stays until this resolves, so that the screen has no gap. */
  onDelivered: (entry: Entry, delivered: Delivered) => Promise<void>;
}

/** More than anybody types before noticing that nothing goes out. */
export const WAITING_MAX = 20;
const PACE = { firstMs: 1_000, maxMs: 15_000 };

export function openOutbox({ storage, person, send, onDelivered }: OutboxOptions): Outbox {
  const place = `starai.outbox.${person}`;
  const listeners = new Set<() => void>();
  let entries: readonly Entry[] = entriesIn(storage.getItem(place));
  let working = false;
  let alarm = new AbortController();

  const keep = (next: readonly Entry[]) => {
    entries = next;
    storage.setItem(place, JSON.stringify(next));
    for (const listener of listeners) listener();
  };
  const change = (id: string, refusal: Entry["refusal"]) =>
    keep(entries.map((entry) => (entry.externalId === id ? { ...entry, refusal } : entry)));
  const remove = (id: string) => keep(entries.filter((entry) => entry.externalId !== id));

  /** Sends one entry at a time, so that no message overtakes the one before it. */
  async function work(): Promise<void> {
    if (working) return;
    working = true;
    const growing = new GrowingPause(PACE);
    for (let entry = next(entries); entry; entry = next(entries)) {
      try {
        await onDelivered(entry, await send(entry));
        remove(entry.externalId);
        growing.reset();
      } catch (error) {
        if (error instanceof ServerRefused && !error.mayPass)
          change(entry.externalId, { code: error.code, message: error.message });
        else {
          await pause(growing.nextMs(), alarm.signal);
          alarm = new AbortController();
        }
      }
    }
    working = false;
  }

  return {
    entries: () => entries,
    subscribe: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    add: (thread, sending) => {
      if (entries.length >= WAITING_MAX) return false;
      keep([...entries, { externalId: crypto.randomUUID(), thread, sending, refusal: null }]);
      void work();
      return true;
    },
    retry: (id) => {
      change(id, null);
      void work();
    },
    discard: remove,
    wake: () => {
      alarm.abort();
      void work();
    },
  };
}

/** The first waiting entry. A refused entry does not hold back later ones, because its author may discard it. */
function next(entries: readonly Entry[]): Entry | undefined {
  return entries.find((entry) => entry.refusal === null);
}

/** Parses the stored entries and leaves out everything that is not an entry. */
function entriesIn(json: string | null): Entry[] {
  try {
    const value: unknown = JSON.parse(json ?? "[]");
    return Array.isArray(value) ? value.filter(isEntry).slice(0, WAITING_MAX) : [];
  } catch {
    return [];
  }
}

function isEntry(value: unknown): value is Entry {
  const { externalId, thread, sending, refusal } = (value ?? {}) as Partial<Entry>;
  const text = sending?.kind === "message" ? sending.text : sending?.kind === "again" ? sending.message : undefined;
  return [externalId, thread, text].every((part) => typeof part === "string") && typeof refusal === "object";
}
