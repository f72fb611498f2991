/**
 * What the person sent and the server has not taken yet. It is written down before it is sent, goes out in the order it
 * was written, each under an id of its own that makes sending it again harmless, and waits for the network as long as
 * it must — across reloads too. What the server refuses stays, with the reason, until the person decides.
 */
import { ServerRefused } from "@starai/server/client";
import { pause } from "@starai/protocol/pause";
import { GrowingPause } from "@starai/protocol/retry";
import type { KeptText } from "./storage.ts";

/** A question, perhaps in place of an older one, or the wish for another answer to one. */
export type Sending =
  | { kind: "message"; text: string; edits?: string }
  /** `message` is the question or one of its answers. */
  | { kind: "again"; message: string };

export interface Entry {
  externalId: string;
  thread: string;
  sending: Sending;
  /** Why the server said no; null while it waits or is on its way. */
  refusal: { code: string; message: string } | null;
}

/** Where what was sent went: the answer's message, by which the thread's page is known to have it. */
export interface Taken {
  answer: string;
}

export interface Outbox {
  entries: () => readonly Entry[];
  subscribe: (listener: () => void) => () => void;
  /** False when too much waits already; nothing is kept then. */
  add: (thread: string, sending: Sending) => boolean;
  retry: (externalId: string) => void;
  discard: (externalId: string) => void;
  /** The network may be back: try now. */
  wake: () => void;
}

interface OutboxWorld {
  storage: KeptText;
  person: string;
  /** @throws ServerRefused when the server says no, anything else when it could not be reached */
  send: (entry: Entry) => Promise<Taken>;
  /** Told when the server has taken one; the entry stays until this is done, so that the screen has no gap. */
  taken: (entry: Entry, taken: Taken) => Promise<void>;
}

/** More than anybody types before noticing that nothing goes out. */
export const WAITING_MAX = 20;
const PACE = { firstMs: 1_000, maxMs: 15_000 };

export function openOutbox({ storage, person, send, taken }: OutboxWorld): Outbox {
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

  /** One at a time: a message must not overtake the one before it. */
  async function work(): Promise<void> {
    if (working) return;
    working = true;
    const growing = new GrowingPause(PACE);
    for (let entry = next(entries); entry; entry = next(entries)) {
      try {
        await taken(entry, await send(entry));
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

/** The first that waits; of a thread with a refused one only that is held back, as its author may drop it. */
function next(entries: readonly Entry[]): Entry | undefined {
  return entries.find((entry) => entry.refusal === null);
}

/** Whatever is in the storage, only entries come out. */
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
