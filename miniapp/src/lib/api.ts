/** The server as the screens call it: `answer(() => api.my.threads.$get(…))`, typed by the server's own routes. */
import { answerOf, createPublicClient, createSessionClient } from "@starai/server/client";
import type { Session } from "./session.ts";

/** Then a screen shows its failed face; the person can try again. A server that restarts is mostly back within it. */
const PATIENCE_MS = 4_000;

/** What anybody may ask. */
export const publicApi = createPublicClient({ baseUrl: "" });

export type Api = ReturnType<typeof createApi>;

/** What a person may ask under their session. */
export function createApi({ token, fetch }: Session) {
  return createSessionClient({ baseUrl: "", token, fetch });
}

/** The body of a good answer. @throws ServerRefused, ServerUnreachable */
export function answer<Body>(call: Parameters<typeof answerOf<Body>>[0]): Promise<Body> {
  return answerOf(call, { patienceMs: navigator.onLine ? PATIENCE_MS : 0 });
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
