/**
 * The right to pay in outside Telegram, for the person who bound the wallet that signed in: for an hour, in this tab. A
 * reload keeps it.
 */
import { ServerRefused, createPayClient } from "@starai/server/client";
import type { FetchLike } from "@starai/server/client";
import type { Api } from "./api.ts";
import type { KeptText } from "./storage.ts";

interface Opened {
  token: string;
  /** ISO date. */
  expiresAt: string;
}

export interface PaySession {
  isOpen: () => boolean;
  subscribe: (listener: () => void) => () => void;
  begin: (opened: Opened) => void;
  end: () => void;
  /** What such a session may call, under the names that it has in the app. */
  api: PayApi;
  /** Tells the server, too. Never rejects: a token that it did not hear of expires by itself. */
  signOut: () => Promise<void>;
}

type My = Api["my"];
type Post<Route extends { $post: unknown }> = Pick<Route, "$post">;
type Invoices = My["deposits"]["invoices"];

interface PayApi {
  my: {
    wallet: Pick<My["wallet"], "$get"> & { nonces: Post<My["wallet"]["nonces"]> };
    deposits: {
      invoices: Post<Invoices> & {
        ":id": { handed: Post<Invoices[":id"]["handed"]>; sent: Post<Invoices[":id"]["sent"]> };
      };
    };
  };
}

interface Options {
  /** The storage of the tab. */
  storage: KeptText;
  send?: FetchLike;
  now?: () => number;
}

const PLACE = "starai.pay";

export function openPaySession({
  storage,
  send = (input, init) => fetch(input, init),
  now = Date.now,
}: Options): PaySession {
  const listeners = new Set<() => void>();
  let opened = readKept(storage.getItem(PLACE));
  const isOpen = () => opened !== null && Date.parse(opened.expiresAt) > now();
  const set = (next: Opened | null) => {
    opened = next;
    if (next === null) storage.removeItem(PLACE);
    else storage.setItem(PLACE, JSON.stringify(next));
    for (const listener of listeners) listener();
  };
  const end = () => opened !== null && set(null);
  const token = () => {
    if (opened !== null && isOpen()) return opened.token;
    end();
    throw new ServerRefused(401, "unauthorised", "There is no session.");
  };
  const sendOrEnd: FetchLike = async (input, init) => {
    const response = await send(input, init);
    if (response.status === 401) end();
    return response;
  };
  const client = createPayClient({ baseUrl: "", token, fetch: sendOrEnd });
  return {
    isOpen,
    subscribe: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    begin: set,
    end,
    api: client,
    signOut: async () => {
      await client.session.$delete().catch(() => undefined);
      end();
    },
  };
}

function readKept(kept: string | null): Opened | null {
  try {
    const { token, expiresAt } = JSON.parse(kept ?? "null") as Partial<Opened>;
    return typeof token === "string" && typeof expiresAt === "string" ? { token, expiresAt } : null;
  } catch {
    return null;
  }
}
