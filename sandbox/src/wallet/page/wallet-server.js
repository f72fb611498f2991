/** The wallet behind the page. */
import { say } from "./wallet-texts.js";

/** Faults that the page has words for. */
const KNOWN = new Set(["gone", "money", "busy", "full", "link"]);

/** @throws an Error with words for the person; its cause is the wallet's own word where it has one */
export async function ask(what, body) {
  const headers = { "content-type": "application/json" };
  const options = body && { method: "POST", headers, body: JSON.stringify(body) };
  const answer = await fetch(`/wallet/api/${what}`, options).catch(() => null);
  if (!answer) throw new Error(say("failed"));
  const json = await answer.json().catch(() => ({}));
  if (answer.ok) return json;
  const words = KNOWN.has(json.error) ? say(json.error) : say("broken", { why: json.error ?? String(answer.status) });
  throw new Error(words, { cause: json.error });
}
