/** The routes of an open wallet: its bridge, and what its own page and the injected script ask. Sandbox-only, behind the origin guard. */
import path from "node:path";
import { Hono } from "hono";
import type { Context } from "hono";
import { bodyLimit } from "hono/body-limit";
import { z } from "zod";
import type { OpenChain } from "../ton/open-chain.ts";
import { Accounts } from "./accounts.ts";
import { Bridge } from "./bridge.ts";
import { bridgeRoutes } from "./bridge-routes.ts";
import { describeApproval, describeWallet } from "./describe.ts";
import { WalletRefusal } from "./requests.ts";
import { Sessions } from "./sessions.ts";
import { NotNow } from "./signer.ts";
import { PLAYS, Wallet } from "./wallet.ts";

/** Four messages with their contracts' code. */
const BODY_BYTES_MAX = 2 * 1024 * 1024;

const Hex32 = z.string().regex(/^[0-9a-f]{64}$/);
const Connecting = z.object({ request: z.unknown() });
const Asking = z.object({ session: Hex32, request: z.unknown() });
const Restoring = z.object({ session: Hex32 });
const Linking = z.object({ link: z.string().max(10_000) });
const Deciding = z.object({
  approved: z.boolean(),
  account: z
    .string()
    .regex(/^0:[0-9a-f]{64}$/)
    .optional(),
  play: z.enum(PLAYS).nullable(),
});

/** `folder` keeps the wallet's keys and connections. @throws when its files are damaged */
export function openWallet(opened: OpenChain, folder: string): Hono {
  const accounts = new Accounts(path.join(folder, "accounts.json"));
  const sessions = new Sessions(path.join(folder, "sessions.json"));
  const bridge = new Bridge();
  const wallet = new Wallet({ opened, accounts, sessions, bridge });
  return new Hono()
    .basePath("/wallet")
    .route(
      "/bridge",
      bridgeRoutes(bridge, (delivery) => wallet.deliver(delivery)),
    )
    .use("/api/*", bodyLimit({ maxSize: BODY_BYTES_MAX, onError: (c) => c.json({ error: "too long" }, 413) }))
    .route("/api", injectedRoutes(wallet))
    .route("/api", pageRoutes(opened, wallet));
}

/** What the script in a page with the injected wallet asks. */
function injectedRoutes(wallet: Wallet): Hono {
  return new Hono()
    .post("/connect", async (c) => {
      const { request } = await read(c, Connecting);
      return c.json(await wallet.connect(request, ownOrigin(c)));
    })
    .post("/ask", async (c) => {
      const { session, request } = await read(c, Asking);
      return c.json(wallet.ask(session, request));
    })
    .post("/restore", async (c) => c.json(wallet.restore((await read(c, Restoring)).session)))
    .onError(explained);
}

/** What the wallet's own page asks. */
function pageRoutes(opened: OpenChain, wallet: Wallet): Hono {
  return new Hono()
    .get("/state", (c) => c.json(describeWallet(opened, wallet)))
    .post("/accounts", (c) => (wallet.accounts.add() ? c.json({}) : c.json({ error: "full" }, 409)))
    .post("/links", async (c) => {
      const { link } = await read(c, Linking);
      const asked = readLink(link);
      if (!asked) return c.json({ error: "link" }, 422);
      return c.json(await wallet.openLink(asked, ownOrigin(c)));
    })
    .get("/approvals/:id", (c) => {
      const approval = wallet.approvals.find(c.req.param("id"));
      return approval ? c.json(describeApproval(opened, wallet, approval)) : c.json({ error: "gone" }, 404);
    })
    .post("/approvals/:id", async (c) => {
      const answer = await wallet.decide(c.req.param("id"), await read(c, Deciding));
      return answer ? c.json(answer) : c.json({ error: "gone" }, 404);
    })
    .post("/disconnect", async (c) => {
      wallet.disconnect((await read(c, Restoring)).session);
      return c.json({});
    })
    .onError(explained);
}

async function read<Schema extends z.ZodType>(c: Context, schema: Schema): Promise<z.output<Schema>> {
  return schema.parse(await c.req.json().catch(() => null));
}

/** What the wallet's page can put in words; the rest is a fault. */
function explained(error: Error, c: Context): Response {
  if (error instanceof z.ZodError) return c.json({ error: `not understood: ${z.prettifyError(error)}` }, 422);
  if (error instanceof WalletRefusal) return c.json({ error: error.message }, 422);
  if (error instanceof NotNow) return c.json({ error: error.reason }, 409);
  throw error;
}

/** The origin guard has seen to it that the Host is this server's own. */
function ownOrigin(c: Context): string {
  return `http://${c.req.header("host") ?? new URL(c.req.url).host}`;
}

/** Reads a universal link or `tc://` link: the page's key at the bridge and its request. Null when it is none. */
function readLink(link: string): { app: string; request: unknown } | null {
  if (!URL.canParse(link)) return null;
  const { searchParams } = new URL(link);
  const app = Hex32.safeParse(searchParams.get("id"));
  try {
    return app.success ? { app: app.data, request: JSON.parse(searchParams.get("r") ?? "") as unknown } : null;
  } catch {
    return null;
  }
}
