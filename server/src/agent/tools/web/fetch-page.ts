/**
 * Fetches a public page without becoming a door into private networks.
 *
 * Literal addresses are checked in the URL, names in the connection's own lookup, whose result is the address that is
 * dialled: so a name cannot resolve to something else between check and use. Each redirect starts from the beginning.
 */
import { lookup as systemLookup } from "node:dns";
import type { LookupFunction } from "node:net";
import { Agent, request } from "undici";
import type { Dispatcher } from "undici";
import { checkUrl, isPublicAddress } from "./safe-address.ts";
import { ToolAdvice } from "../tool-advice.ts";

const REDIRECTS_MAX = 3;
const BYTES_MAX = 2 * 1024 * 1024;
const TIMEOUT_MS = 10_000;
const TEXT_TYPES = /^(?:text\/(?:html|plain|markdown|csv|xml)|application\/(?:xhtml\+xml|json|xml))\b/iu;

export interface FetchedPage {
  url: string;
  type: string;
  text: string;
}

/** Replacements for tests: the name lookup, or a dispatcher in place of the network. */
export interface PageNetwork {
  lookup?: LookupFunction;
  dispatcher?: Dispatcher;
}

/** @throws ToolAdvice for a page that cannot be read */
export async function fetchPage(
  address: string,
  signal?: AbortSignal,
  network: PageNetwork = {},
): Promise<FetchedPage> {
  const connections = new Agent({
    connect: { lookup: publicLookup(network.lookup ?? systemLookup), timeout: TIMEOUT_MS },
    maxResponseSize: BYTES_MAX,
    bodyTimeout: TIMEOUT_MS,
    headersTimeout: TIMEOUT_MS,
    pipelining: 0,
  });
  const stop = AbortSignal.any([AbortSignal.timeout(TIMEOUT_MS), ...(signal ? [signal] : [])]);
  try {
    return await followRedirects(address, network.dispatcher ?? connections, stop);
  } catch (error) {
    signal?.throwIfAborted();
    if (error instanceof ToolAdvice) throw error;
    throw new ToolAdvice(adviceFor(error));
  } finally {
    await connections.destroy();
  }
}

async function followRedirects(address: string, dispatcher: Dispatcher, signal: AbortSignal): Promise<FetchedPage> {
  let next = address;
  for (let hop = 0; hop <= REDIRECTS_MAX; hop++) {
    const checked = checkUrl(next);
    if ("refusal" in checked) throw new ToolAdvice(checked.refusal);
    const response = await request(checked.url, {
      dispatcher,
      signal,
      headers: { accept: "text/html,text/plain;q=0.9,*/*;q=0.1", "user-agent": "StarAI-reader/1" },
    });
    const location = response.headers.location;
    if (response.statusCode >= 300 && response.statusCode < 400 && typeof location === "string") {
      await response.body.dump();
      next = URL.canParse(location, checked.url.href) ? new URL(location, checked.url).href : location;
      continue;
    }
    const type = String(response.headers["content-type"] ?? "");
    if (response.statusCode >= 400)
      throw new ToolAdvice(`the page answered with error ${response.statusCode}; tell the person it cannot be read`);
    if (!TEXT_TYPES.test(type)) throw new ToolAdvice("that is not a text page; only pages with text can be read");
    return { url: checked.url.href, type, text: decode(await response.body.arrayBuffer(), type) };
  }
  throw new ToolAdvice("the page redirects too often; tell the person it cannot be read");
}

/** Looks a name up. Rejects it unless all of its addresses are public. */
function publicLookup(lookup: LookupFunction): LookupFunction {
  return (hostname, options, callback) => {
    lookup(hostname, { ...options, all: true }, (error, addresses) => {
      if (error) return callback(error, "", 0);
      const found = Array.isArray(addresses) ? addresses : [];
      const first = found[0];
      if (first === undefined || !found.every(({ address }) => isPublicAddress(address))) {
        return callback(Object.assign(new Error("the name leads into a private network"), { code: "EPRIVATE" }), "", 0);
      }
      if (options.all === true) callback(null, found);
      else callback(null, first.address, first.family);
    });
  };
}

function adviceFor(error: unknown): string {
  const code = (error as { code?: unknown }).code;
  if (code === "EPRIVATE") return "that address is inside a private network; only public pages can be read";
  if (code === "ENOTFOUND" || code === "EAI_AGAIN") return "no such site was found; check the address with the person";
  if (code === "UND_ERR_RES_EXCEEDED_MAX_SIZE")
    return "the page is larger than 2 MB; tell the person it cannot be read";
  if ((error as Error).name === "TimeoutError" || String(code).includes("TIMEOUT"))
    return "the page did not answer within 10 seconds; tell the person it cannot be read now";
  return "the page cannot be reached; tell the person so";
}

function decode(bytes: ArrayBuffer, type: string): string {
  const charset = /charset=["']?([\w-]+)/iu.exec(type)?.[1] ?? "utf-8";
  try {
    return new TextDecoder(charset).decode(bytes);
  } catch {
    return new TextDecoder().decode(bytes);
  }
}
