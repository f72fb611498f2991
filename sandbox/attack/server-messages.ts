/** What the attacker's process and the attacked server's process say to each other. */

/** What keeps a promise, and can be taken off to see that the campaign notices. */
export const PROTECTIONS = ["fence", "prefix", "failed-on"] as const;
export type Protection = (typeof PROTECTIONS)[number];

export interface ServerSetup {
  home: string;
  port: number;
  /** Instead of an embedded database in `home`. */
  databaseUrl?: string;
  /** Over the server's own limits. */
  limits: Record<string, number>;
  without: readonly Protection[];
}

export type ServerQuestion =
  | { kind: "lag" }
  | { kind: "heap" }
  | { kind: "rows"; sql: string; values: unknown[] }
  | { kind: "key"; name: string }
  | { kind: "freeze"; ms: number }
  | { kind: "clock"; aheadMs: number }
  | { kind: "stop" };

export type ServerReply =
  | { kind: "ready"; url: string }
  | { kind: "answer"; id: number; value: unknown }
  | { kind: "fault"; id: number; message: string };
