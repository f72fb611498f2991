/**
 * The events of one live run, for any number of readers at any pace. Ids count up within one server process; a reader
 * with an id that is still remembered resumes after it, any other starts with a snapshot.
 */
import type { RunEvent, RunSnapshot } from "@starai/protocol/runs";
import { Signal } from "@starai/protocol/signal";

/** Events remembered: the last minute or so of an answer at the speed of a good machine. */
const EVENTS_MAX = 1_000;

export interface NumberedEvent {
  id: string;
  event: RunEvent;
}

export class RunLog {
  /** Distinguishes this log from the run's log before a restart, whose ids also count from 1. */
  readonly #life: string;
  readonly #events: RunEvent[] = [];
  /** Number of the first remembered event; they count from 1. */
  #first = 1;
  /** Number of the last event sent to any reader; it must not change any more. */
  #handed = 0;
  #ended = false;
  readonly #changed = new Signal();

  constructor(life: string) {
    this.#life = life;
  }

  /** Appends an event. Deltas that no reader has received yet are merged: a slow reader gets them in one event. */
  append(event: RunEvent): void {
    // Drops late events of a run that has ended.
    if (this.#ended) return;
    const last = this.#events.at(-1);
    if (
      last !== undefined &&
      this.#lastNumber > this.#handed &&
      "delta" in last &&
      "delta" in event &&
      last.type === event.type
    ) {
      this.#events[this.#events.length - 1] = { type: last.type, delta: last.delta + event.delta };
    } else this.#events.push(event);
    if (this.#events.length > EVENTS_MAX)
      this.#first += this.#events.splice(0, this.#events.length - EVENTS_MAX).length;
    this.#ended ||= event.type === "end";
    this.#changed.happen();
  }

  /** Ends all readers without an end event: this server stops, and the run resumes after the restart. */
  close(): void {
    this.#ended = true;
    this.#changed.happen();
  }

  async *follow(lastEventId: string | undefined, snapshot: () => RunSnapshot): AsyncGenerator<NumberedEvent> {
    let at = this.#position(lastEventId);
    for (;;) {
      const changed = this.#changed.next;
      if (at === null || at < this.#first) {
        at = this.#lastNumber + 1;
        this.#handed = Math.max(this.#handed, at - 1);
        yield { id: this.#id(at - 1), event: { type: "snapshot", run: snapshot() } };
        const last = this.#events.at(-1);
        if (last?.type === "end") yield { id: this.#id(at - 1), event: last };
      }
      while (at <= this.#lastNumber) {
        const event = this.#events[at - this.#first];
        if (event === undefined) break;
        this.#handed = Math.max(this.#handed, at);
        yield { id: this.#id(at), event };
        at++;
      }
      if (at > this.#lastNumber && this.#ended) return;
      if (at > this.#lastNumber) await changed;
    }
  }

  get #lastNumber(): number {
    return this.#first + this.#events.length - 1;
  }

  #id(number: number): string {
    return `${this.#life}.${number}`;
  }

  /** Number of the event to resume with; null when the id is unknown here. */
  #position(lastEventId: string | undefined): number | null {
    const [life, number] = (lastEventId ?? "").split(".");
    const last = Number(number);
    if (life !== this.#life || !Number.isInteger(last) || last < this.#first - 1 || last > this.#lastNumber)
      return null;
    return last + 1;
  }
}
