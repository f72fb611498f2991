/** IPC messages between the attacker's process and the attacked server's process. */

/** Protections that can be disabled to check that a campaign notices their absence. */
export const PROTECTIONS = ["fence", "prefix", "failed-on"] as const;
export type Protection = (typeof PROTECTIONS)[number];

export interface ServerSetup {
  home: string;
  port: number;
  /** Replaces the embedded database in `home`. */
  databaseUrl?: string;
  /** Overrides of the server's own limits. */
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
