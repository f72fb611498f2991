/**
 * Signing in outside Telegram, to pay: a wallet proves whose it is, and its person bound it in the Mini App before. What
 * such a session may do is what routes/pay.ts has, and no more: it ends after an hour, with the binding of its wallet, and
 * when its person signs out everywhere.
 */
import { and, desc, eq, inArray, isNull, sql } from "drizzle-orm";
import type { WalletProof } from "@starai/protocol/wallet";
import { ownerOfWallet } from "../chain/bound-wallet.ts";
import type { ChainContext } from "../chain/context.ts";
import type { Executor } from "../db/executor.ts";
import { people, sessions, wallets } from "../db/schema.ts";
import { Refusal } from "../errors.ts";
import type { Session } from "../sessions/check-session.ts";
import { TOKEN_LIFE_MS, readToken, signToken } from "../sessions/session-token.ts";
import { withNonce } from "./nonces.ts";
import { verifyWallet } from "./verify-wallet.ts";

/** Each asks the chain's endpoint, and anybody can cause one. */
const CHECKED_AT_ONCE_MAX = 8;
/** Each proof asks the chain up to three times before its signature is known to be right. */
const CHECKED_A_MINUTE_MAX = 60;
const RETRY_AFTER_S = 2;
/** Windows of one person; the oldest end. */
const OF_PERSON_MAX = 10;
/** Marks these sessions among those of launches, which are named by a hash. */
const OPENED_BY = "wallet:";

export interface PaySession {
  readonly token: string;
  readonly expiresAt: string;
}

export class PaySessions {
  readonly #ctx: ChainContext;
  #checking = 0;
  #minute = { began: 0, checked: 0 };

  constructor(ctx: ChainContext) {
    this.#ctx = ctx;
  }

  /**
   * A proof counts once, whatever comes of it but an outage of the chain.
   * @throws Refusal `forbidden` for a wallet that nobody bound, `queue_full`, or as withNonce and verifyWallet say
   */
  async open(proof: WalletProof): Promise<PaySession> {
    const ctx = this.#ctx;
    const secret = secretOf(ctx);
    const address = await this.#verified(proof);
    const nonce = proof.proof.payload;
    const expiresAt = new Date(ctx.clock() + TOKEN_LIFE_MS);
    const session = await ctx.db.transaction((tx) => insertSession(tx, { address, nonce, expiresAt }));
    if (session === null) throw notBound(ctx);
    return { token: await signToken(secret, { session, expiresAt }, "pay"), expiresAt: expiresAt.toISOString() };
  }

  /** @throws Refusal `unauthorised` for a bad or old token, `signed_out` when the session or its wallet's binding ended */
  async check(token: string): Promise<Session> {
    const { db, clock, config } = this.#ctx;
    const claims = config.botToken === null ? null : await readToken(config.botToken, token, clock(), "pay");
    if (claims === null)
      throw new Refusal("unauthorised", "This needs a sign-in by your wallet, which lasts for an hour: sign in again.");
    const [person] = await db
      .select({ id: people.id, telegramId: people.telegramId, name: people.name })
      .from(sessions)
      .innerJoin(people, eq(people.id, sessions.personId))
      .innerJoin(wallets, and(eq(wallets.person, people.id), eq(sql`${wallets.id}::text`, sessions.deviceHash)))
      .where(and(eq(sessions.id, claims.session), isNull(sessions.revokedAt), eq(wallets.state, "bound")));
    if (person === undefined)
      throw new Refusal("signed_out", "You are signed out here: sign in with your wallet again.");
    return { id: claims.session, person, tokenExpiresAt: claims.expiresAt };
  }

  async #verified(proof: WalletProof): Promise<string> {
    const now = this.#ctx.clock();
    if (now - this.#minute.began >= 60_000 || now < this.#minute.began) this.#minute = { began: now, checked: 0 };
    if (this.#checking >= CHECKED_AT_ONCE_MAX || this.#minute.checked >= CHECKED_A_MINUTE_MAX)
      throw new Refusal(
        "queue_full",
        "Many wallets sign in just now. Nothing was changed: try again in a few seconds.",
        {
          retryAfterS: RETRY_AFTER_S,
        },
      );
    this.#checking++;
    try {
      return await withNonce(this.#ctx, { nonce: proof.proof.payload, person: null }, async () => {
        // A wallet that nobody bound cannot sign in, whatever it proves: the chain is not asked for it.
        if ((await ownerOfWallet(this.#ctx.db, proof.address.toLowerCase())) === null) throw notBound(this.#ctx);
        this.#minute.checked++;
        return verifyWallet(this.#ctx.log, this.#ctx.ton.get(), proof);
      });
    } finally {
      this.#checking--;
    }
  }
}

interface Opening {
  /** Raw. */
  readonly address: string;
  readonly nonce: string;
  readonly expiresAt: Date;
}

/** Null where nobody bound this wallet. */
async function insertSession(tx: Executor, { address, nonce, expiresAt }: Opening): Promise<string | null> {
  const [bound] = await tx
    .select({ id: wallets.id, person: wallets.person })
    .from(wallets)
    .innerJoin(people, eq(people.id, wallets.person))
    .where(and(eq(wallets.address, address), eq(wallets.state, "bound")));
  if (bound === undefined) return null;
  const [row] = await tx
    .insert(sessions)
    .values({ personId: bound.person, initDataHash: `${OPENED_BY}${nonce}`, deviceHash: bound.id, expiresAt })
    .returning({ id: sessions.id });
  const older = tx
    .select({ id: sessions.id })
    .from(sessions)
    .where(and(eq(sessions.personId, bound.person), sql`starts_with(${sessions.initDataHash}, ${OPENED_BY})`))
    .orderBy(desc(sessions.expiresAt))
    .offset(OF_PERSON_MAX);
  await tx.delete(sessions).where(inArray(sessions.id, older));
  return row!.id;
}

/** @throws Refusal `not_configured` */
function secretOf({ config }: ChainContext): string {
  if (config.botToken === null)
    throw new Refusal("not_configured", "Nobody can sign in here: the server needs the bot's token (BOT_TOKEN).");
  return config.botToken;
}

function notBound({ config }: ChainContext): Refusal {
  const place =
    config.botUsername === null ? "in the Mini App" : `here: https://t.me/${config.botUsername}?startapp=wallet`;
  return new Refusal(
    "forbidden",
    `This wallet is not connected to anybody. Nothing was paid: connect it ${place}, then sign in again.`,
  );
}
