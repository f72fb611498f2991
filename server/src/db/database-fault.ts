/** Tells from a thrown value whether the database is away or its disk is full. */

export type DatabaseFault = "away" | "full";

/** Codes of PostgreSQL and of the socket to it. 53100 is PostgreSQL's code for ENOSPC. */
const CODES: Readonly<Record<string, DatabaseFault>> = {
  "53100": "full",
  ENOSPC: "full",
  "57P01": "away",
  "57P02": "away",
  "57P03": "away",
  ECONNREFUSED: "away",
  ECONNRESET: "away",
  EPIPE: "away",
  ETIMEDOUT: "away",
};
/** Class 08 of SQLSTATE: connection exceptions. */
const CONNECTION_CLASS = /^08\w{3}$/;
/** Messages of `pg` that carry no code: its socket broke or could not be opened, or its pool could not connect. */
const WORDS =
  /^(Connection terminated|Client has encountered a connection error|timeout exceeded when trying to connect|connect ENOENT .*\.s\.PGSQL|Query read timeout)/;
/** Causes followed at most: drivers wrap what they caught, and so do we, but never deeper than this. */
const CAUSES_MAX = 8;

/** null when the fault is not the database's own, but for example the statement's. */
export function databaseFault(error: unknown): DatabaseFault | null {
  for (let at = error, depth = 0; isFault(at) && depth < CAUSES_MAX; at = at.cause, depth++) {
    const code = String(at.code);
    const fault = CODES[code] ?? (CONNECTION_CLASS.test(code) || WORDS.test(String(at.message)) ? "away" : null);
    if (fault !== null) return fault;
  }
  return null;
}

/** Checked by shape: an error that crossed a thread or a driver may not be an instance of our Error. */
function isFault(value: unknown): value is { code?: unknown; message?: unknown; cause?: unknown } {
  return typeof value === "object" && value !== null;
}
