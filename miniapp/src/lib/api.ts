/** The server's API for the screens: `answer(() => api.my.threads.$get(…))`, typed by the server's own routes. */
import { answerOf, createPublicClient, createSessionClient } from "@starai/server/client";
import type { Session } from "./session.ts";

/** Time until a screen shows its failed face with a retry button; a restarting server is usually back within it. */
const PATIENCE_MS = 4_000;

/** The public API, which needs no session. */
export const publicApi = createPublicClient({ baseUrl: "" });

export type Api = ReturnType<typeof createApi>;

/** The API for a person's session. */
export function createApi({ token, fetch }: Session) {
  return createSessionClient({ baseUrl: "", token, fetch });
}

/** Returns the body of a successful answer. @throws ServerRefused, ServerUnreachable */
export function answer<Body>(call: Parameters<typeof answerOf<Body>>[0]): Promise<Body> {
  return answerOf(call, { patienceMs: navigator.onLine ? PATIENCE_MS : 0 });
}

/** The same for a call that must not be sent twice, as when the server makes something new each time. */
export function answerOnce<Body>(call: Parameters<typeof answerOf<Body>>[0]): Promise<Body> {
  return answerOf(call, { patienceMs: 0 });
}

type ReadThread = Api["my"]["threads"][":id"]["$get"];
type BodyOf<Call> = Call extends (...args: never[]) => Promise<infer Response>
  ? Response extends { status: 200; json: () => Promise<infer Body> }
    ? Body
    : never
  : never;

export type ThreadView = BodyOf<ReadThread>;
export type ThreadMessage = ThreadView["messages"][number];
export type RunSummary = NonNullable<ThreadMessage["run"]>;
