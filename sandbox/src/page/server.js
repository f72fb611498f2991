/** The simulator behind the page: its requests and its event stream. */

const RETRY_MS = 1_500;

/** Posts to `/sim`. Throws an Error with the server's own message. */
export async function post(what, body) {
  const answer = await fetch(`/sim/${what}`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  });
  const json = await answer.json().catch(() => ({}));
  if (!answer.ok) throw new Error(json.error ?? `The server answered ${answer.status}.`);
  return json;
}

export async function get(what) {
  const answer = await fetch(`/sim/${what}`);
  if (!answer.ok) throw new Error(`The server answered ${answer.status}.`);
  return answer.json();
}

const KINDS = [
  "message",
  "edit",
  "delete",
  "draft",
  "action",
  "callback",
  "keyboard",
  "bot",
  "users",
  "stars",
  "call",
  "notice",
];

/**
 * Follows the event stream until the page is closed. `opened` is called on every connection, so that it can reload
 * what was missed. `lost` is called when the connection breaks.
 */
export function follow({ opened, lost, on }) {
  const source = new EventSource("/sim/events");
  source.addEventListener("open", () => opened());
  for (const kind of KINDS) source.addEventListener(kind, (event) => on(JSON.parse(event.data)));
  source.addEventListener("error", () => {
    lost();
    // The browser itself does not retry a refused connection.
    if (source.readyState === EventSource.CLOSED) setTimeout(() => follow({ opened, lost, on }), RETRY_MS);
  });
}

/** The readiness of the stack's parts, or null when the simulator runs alone. */
export async function health() {
  const answer = await fetch("/healthz").catch(() => null);
  if (!answer) return null;
  const body = await answer.json().catch(() => null);
  return body?.ready ? body : null;
}
