/**
 * The one boundary around callbacks that strangers feed: sockets, upgrades, messages of child processes, and the timers
 * that look at what came. An event has no caller who could catch, so a fault in one would end the process: here it
 * is logged, the socket or request it was about is refused, and the process goes on.
 */
export interface FaultLog {
  error(facts: { err: unknown }, message: string): void;
}

/**
 * The callback with the boundary around it; a promise it returns is watched too.
 * `refuse` is called with the callback's own arguments after a fault, e.g. to close the socket it was about.
 */
export function guarded<Args extends unknown[]>(
  log: FaultLog,
  what: string,
  callback: (...args: Args) => unknown,
  refuse: (...args: Args) => void = () => {},
): (...args: Args) => void {
  return (...args) => {
    const failed = (err: unknown) => {
      log.error({ err }, `${what} could not be handled and was refused`);
      try {
        refuse(...args);
      } catch (error) {
        log.error({ err: error }, `${what} could not be refused either`);
      }
    };
    try {
      const result = callback(...args);
      if (result instanceof Promise) result.catch(failed);
    } catch (error) {
      failed(error);
    }
  };
}
