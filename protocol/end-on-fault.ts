/**
 * Ends a process after a fault that nobody caught: it logs what is needed to fix it, leaves its work so
 * that the next start resumes it, and ends. Going on would be a guess at the state the fault left behind.
 */

/** Closing uses a database that may be part of the trouble; a restart resumes what is not stored by then. */
const CLOSE_MS_MAX = 10_000;

export interface LastWords {
  readonly log: { fatal(facts: { err: unknown }, message: string): void };
  /** Leaves everything resumable. */
  close(): Promise<unknown>;
}

/** @param process  this process; given, because importing a module does nothing and reads no globals */
export function endOnFault(process: Pick<NodeJS.Process, "on" | "exit">, words: LastWords): void {
  const { log } = words;
  let ending = false;
  const end = (fault: unknown) => {
    log.fatal({ err: fault }, "a fault nobody caught: the process ends with its work left for the next start");
    if (ending) return;
    ending = true;
    setTimeout(() => process.exit(1), CLOSE_MS_MAX);
    words
      .close()
      .catch((error: unknown) => log.fatal({ err: error }, "the end failed too: what was under way is in its rows"))
      .finally(() => process.exit(1));
  };
  process.on("uncaughtException", end);
  process.on("unhandledRejection", end);
}
