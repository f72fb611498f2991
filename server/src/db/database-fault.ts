/** What a thrown thing says about the database itself, if it does. */

export type DatabaseFault = "away" | "full";

/** Of PostgreSQL and of the socket to it. 53100 is its word for ENOSPC. */
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
/** What `pg` says without a code when its socket broke, could not be opened, or its pool found nobody to connect to. */
const WORDS =
  /^(Connection terminated|Client has encountered a connection error|timeout exceeded when trying to connect|connect ENOENT .*\.s\.PGSQL|Query read timeout)/;
/** Drivers wrap what they caught, and so do we; deeper than this nobody does. */
const CAUSES_MAX = 8;

/** null: the fault is not the database's, but the statement's or somebody else's. */
export function databaseFault(error: unknown): DatabaseFault | null {
  for (let at = error, depth = 0; isFault(at) && depth < CAUSES_MAX; at = at.cause, depth++) {
    const code = String(at.code);
    const fault = CODES[code] ?? (CONNECTION_CLASS.test(code) || WORDS.test(String(at.message)) ? "away" : null);
    if (fault !== null) return fault;
  }
  return null;
}

/** By its looks: an error that crossed a thread or a driver need not be an Error of ours. */
function isFault(value: unknown): value is { code?: unknown; message?: unknown; cause?: unknown } {
  return typeof value === "object" && value !== null;
}
