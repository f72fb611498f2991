/** The last 24 hours of the pool, a value a minute; null where no server kept the minute. */
export interface PoolDay {
  /** Unix seconds of the first value; each next one is a minute later. */
  from: number;
  workers: (number | null)[];
  tokensPerS: (number | null)[];
  answers: (number | null)[];
  queued: (number | null)[];
  /** Busy slots of all slots, 0 to 1. */
  load: (number | null)[];
}
