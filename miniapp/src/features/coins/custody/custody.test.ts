import * as fc from "fast-check";
import { dispatch, prepare } from "@starai/contracts/connect/request-once";
import { escrowAddress } from "@starai/contracts/connect/escrow-requests";
import { EscrowTerms } from "@starai/contracts/escrow-codes";
import { newSessionKey } from "@starai/contracts/session-key";
import { ALLOWANCE_MAX, signCloseConsent } from "@starai/contracts/voucher";
import { EscrowBlocked } from "@starai/protocol/escrow";
import type { ConsentView, EscrowView } from "@starai/protocol/escrow";
import { describe, expect, test } from "vitest";
import { bytesOf, hexOf } from "../../../lib/hex.ts";
import { consentFault, isInTime } from "./check-consent.ts";
import { actOf, isDone, restoreAct } from "./custody-act.ts";
import type { ActKind } from "./custody-act.ts";
import { custodyState, sharesOf } from "./custody-state.ts";
import { nextVoucher } from "./next-voucher.ts";
import { openWish, termsOf } from "./wishes.ts";

const [KEY, OTHER] = ["11".repeat(32), "22".repeat(32)];
const ESCROW = `0:${"ab".repeat(32)}`;
const NOW = 1_800_000_000;
type OnChain = NonNullable<EscrowView["chain"]>;

const onChain = (over: Partial<OnChain> = {}): OnChain => ({
  keys: [KEY],
  round: 0,
  settled: "0",
  available: "2000000000",
  dailyCap: "1000000000",
  capLeft: "1000000000",
  ripeAt: null,
  ...over,
});

const viewOf = (over: Partial<EscrowView> = {}): EscrowView => ({
  address: ESCROW,
  terms: { owner: `0:${"cd".repeat(32)}`, vault: `0:${"ef".repeat(32)}`, providerKey: KEY, networkId: -217 },
  nowS: NOW,
  chain: onChain(),
  signed: "0",
  served: "0",
  held: "0",
  spendable: "0",
  blocked: "sign",
  signAtMost: "100000000",
  ...over,
});

const KINDS: readonly ActKind[] = [
  "open",
  "add_key",
  "top_up",
  "raise_cap",
  "request_close",
  "cancel_close",
  "close_together",
  "withdraw",
];
const WISHES: Partial<Record<ActKind, string>> = {
  open: OTHER,
  add_key: OTHER,
  raise_cap: "2000000000",
  top_up: "2500000000",
};
const asked = (kind: ActKind, before: EscrowView) => actOf(kind, before, WISHES[kind]);

/** What the chain shows before and after each act. */
const CHANGES: Record<ActKind, { before: OnChain | null; after: OnChain }> = {
  open: { before: null, after: onChain({ keys: [OTHER] }) },
  add_key: { before: onChain(), after: onChain({ keys: [KEY, OTHER] }) },
  top_up: { before: onChain(), after: onChain({ available: "3000000000" }) },
  raise_cap: { before: onChain(), after: onChain({ dailyCap: "2000000000" }) },
  request_close: { before: onChain(), after: onChain({ ripeAt: NOW + 86_400 }) },
  cancel_close: { before: onChain({ ripeAt: NOW + 9 }), after: onChain() },
  close_together: { before: onChain(), after: onChain({ round: 1, available: "0" }) },
  withdraw: { before: onChain({ ripeAt: NOW - 9 }), after: onChain({ round: 1, available: "0" }) },
};

describe("an act", () => {
  test.each(KINDS)("%s is done when the chain shows it, and not before", (kind) => {
    const { before, after } = CHANGES[kind];
    const act = asked(kind, viewOf({ chain: before }));
    expect(isDone(act, viewOf({ chain: before }))).toBe(false);
    expect(isDone(act, viewOf({ chain: after }))).toBe(true);
    expect(isDone(act, viewOf({ chain: after, address: `0:${"00".repeat(32)}` }))).toBe(false);
  });

  test("what another message leaves in the escrow is not taken for a top-up", () => {
    const act = asked("top_up", viewOf());
    expect(isDone(act, viewOf({ chain: onChain({ available: "2010000000" }) }))).toBe(false);
  });

  test("a payment to us is not taken for a top-up, whatever was paid", () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: 2_000_000_000n }), (paid) => {
        const act = asked("top_up", viewOf());
        const chain = onChain({ settled: String(paid), available: String(2_000_000_000n - paid) });
        expect(isDone(act, viewOf({ chain }))).toBe(false);
      }),
    );
  });

  test("a close that expired before is not taken for the one that is asked for", () => {
    const before = viewOf({ chain: onChain({ ripeAt: NOW - EscrowTerms.WITHDRAW_WINDOW - 1 }) });
    const act = asked("request_close", before);
    expect(isDone(act, before)).toBe(false);
    expect(isDone(act, viewOf({ chain: onChain({ ripeAt: NOW + 86_400 }) }))).toBe(true);
  });

  test.each(KINDS)("%s is read back from the device as it was kept, with a mark of its own kind", (kind) => {
    const act = asked(kind, viewOf({ chain: CHANGES[kind].before }));
    const request = dispatch(prepare(null, { queryId: 7n, validUntil: NOW + 300 }));
    const kept = (over: object) => JSON.stringify({ act: { ...act, ...over }, request, sent: true });
    expect(restoreAct(kept({}))?.act).toEqual(act);
    const isOfKey = kind === "open" || kind === "add_key";
    expect(restoreAct(kept({ mark: "ab" }))?.act.mark).toBe(isOfKey ? "ab" : undefined);
    for (const odd of [{ kind: "slash" }, { escrow: 7 }, { mark: "-1" }]) expect(restoreAct(kept(odd))).toBeNull();
  });
});

describe("a voucher", () => {
  test("is of what was served and the allowance, never more, and only where this device's key counts", () => {
    const amount = fc.bigInt({ min: 0n, max: 10n ** 12n });
    const blocked = fc.constantFrom(null, ...EscrowBlocked.options);
    fc.assert(
      fc.property(amount, amount, blocked, fc.constantFrom(KEY, OTHER), (served, signed, why, key) => {
        const voucher = nextVoucher(viewOf({ served: String(served), signed: String(signed), blocked: why }), key);
        const isOver = why !== null && ["unopened", "closing", "consented", "counting"].includes(why);
        const due = key === KEY && !isOver && served + ALLOWANCE_MAX > signed;
        expect(voucher?.cumulative ?? null).toBe(due ? served + ALLOWANCE_MAX : null);
      }),
    );
  });

  test("is of the escrow's round, address and network, and none is signed where nothing is on the chain or in it", () => {
    expect(nextVoucher(viewOf({ chain: onChain({ round: 3 }) }), KEY)).toEqual({
      networkId: -217,
      escrow: ESCROW,
      round: 3,
      cumulative: ALLOWANCE_MAX,
    });
    expect(nextVoucher(viewOf({ chain: null, blocked: "unopened" }), KEY)).toBeNull();
    expect(nextVoucher(viewOf({ chain: onChain({ available: "0" }) }), KEY)).toBeNull();
  });
});

describe("an escrow", () => {
  test("is unopened, open, closing, ripe or closed by the chain's time", () => {
    const at = (over: Partial<OnChain>) => custodyState(viewOf({ chain: onChain(over) }));
    expect(custodyState(viewOf({ chain: null }))).toBe("unopened");
    expect(at({ keys: [] })).toBe("unopened");
    expect(at({})).toBe("open");
    expect(at({ ripeAt: NOW + 1 })).toBe("closing");
    expect(at({ ripeAt: NOW })).toBe("ripe");
    expect(at({ ripeAt: NOW - EscrowTerms.WITHDRAW_WINDOW + 1 })).toBe("ripe");
    expect(at({ ripeAt: NOW - EscrowTerms.WITHDRAW_WINDOW })).toBe("open");
    expect(at({ round: 1, available: "0" })).toBe("closed");
    expect(at({ round: 1, available: "1" })).toBe("open");
  });

  test("is divided between its owner and us without a rest", () => {
    const amount = fc.bigInt({ min: 0n, max: 10n ** 12n });
    fc.assert(
      fc.property(amount, amount, amount, (available, served, settled) => {
        const chain = onChain({ available: String(available), settled: String(settled) });
        const { owed, own } = sharesOf({ chain, served: String(served) });
        expect(owed + own).toBe(available);
        expect(owed >= 0n && own >= 0n).toBe(true);
        expect(served > settled || owed === 0n).toBe(true);
      }),
    );
  });

  test("is opened at the address that follows from its terms, with the key of this device", async () => {
    const { publicKey } = await newSessionKey();
    const provider = await newSessionKey();
    const terms = { ...viewOf().terms, providerKey: hexOf(provider.publicKey) };
    const view = viewOf({ chain: null, terms });
    const address = await escrowAddress(termsOf(view));
    const wish = openWish(async () => publicKey, { amount: 10n ** 9n, dailyCap: 10n ** 9n });
    const { act, request } = await wish({ ...view, address }, { networkId: -217, nowS: NOW, queryId: 7n });
    expect(act).toEqual({ kind: "open", escrow: address, mark: hexOf(publicKey) });
    expect(request.messages[0].stateInit).toBeDefined();
    expect(BigInt(request.messages[0].amount)).toBeGreaterThan(10n ** 9n);
  });
});

/** A consent of the provider's to an escrow for which this much was signed. */
async function consentOf(cumulative: bigint, signed: string) {
  const provider = await newSessionKey();
  const view = viewOf({ signed, terms: { ...viewOf().terms, providerKey: hexOf(provider.publicKey) } });
  const said = { networkId: -217, escrow: ESCROW, round: 0, cumulative, validUntil: NOW + 3_600 };
  const signature = hexOf(await signCloseConsent(said, provider.privateKey));
  const consent: ConsentView = { round: 0, cumulative: String(cumulative), validUntil: NOW + 3_600, signature };
  return { view, consent };
}

describe("a consent to close", () => {
  test("can be used in its round until its date, by the chain's time, and not after it", async () => {
    const { view, consent } = await consentOf(5n, "100");
    expect(isInTime(consent, view)).toBe(true);
    expect(isInTime(consent, { ...view, nowS: consent.validUntil })).toBe(false);
    expect(isInTime({ ...consent, round: 1 }, view)).toBe(false);
    expect(isInTime(undefined, { ...view, chain: null })).toBe(false);
  });

  test("is good as it was signed, for no more than this person signed", async () => {
    const { view, consent } = await consentOf(5n, "100");
    expect(await consentFault(view, consent)).toBeNull();
    const greedy = await consentOf(101n, "100");
    expect(await consentFault(greedy.view, greedy.consent)).toBe("amount");
  });

  test("is refused when anything of it was changed", async () => {
    const { view, consent } = await consentOf(5n, "100");
    const faults = [
      { ...consent, cumulative: "6" },
      { ...consent, validUntil: NOW },
      { ...consent, round: 1 },
      { ...consent, signature: "00".repeat(64) },
      { ...consent, signature: "not hex" },
    ];
    for (const changed of faults) expect(await consentFault(view, changed)).toBe("signature");
    expect(await consentFault({ ...view, chain: null }, consent)).toBe("signature");
    expect(await consentFault(viewOf({ signed: "100" }), consent)).toBe("signature");
  });
});

test("bytes come back from their hex, and what is not hex is no bytes", () => {
  fc.assert(fc.property(fc.uint8Array(), (bytes) => hexOf(bytesOf(hexOf(bytes))) === hexOf(bytes)));
  for (const text of ["0", "zz", "0X", "AB"]) expect(bytesOf(text)).toHaveLength(0);
});
