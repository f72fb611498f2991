/**
 * Signs what is due, unseen: when the app opens and after each answer, which makes the escrow's view stale. A voucher that
 * did not arrive is signed again at the next look; until then answers wait for nothing but the allowance that is left.
 */
import { useQueryClient } from "@tanstack/react-query";
import { signVoucher } from "@starai/contracts/voucher";
import type { EscrowView } from "@starai/protocol/escrow";
import { useEffect } from "react";
import { answer } from "../../../lib/api.ts";
import type { Api } from "../../../lib/api.ts";
import { useApp } from "../../../lib/app-context.ts";
import { hexOf } from "../../../lib/hex.ts";
import { keys } from "../../../lib/query-client.ts";
import { deviceKey } from "./device-key.ts";
import { nextVoucher } from "./next-voucher.ts";
import { useEscrow } from "./use-escrow.ts";

export default function VoucherSigner(): null {
  const { api, telegram } = useApp();
  const client = useQueryClient();
  const { data: view } = useEscrow();
  const { person } = telegram;
  useEffect(() => {
    if (view === undefined) return;
    signDue(api, person, view).then(
      (after) => after && client.setQueryData(keys.escrow, after),
      (error: unknown) => console.warn("a voucher was not taken", error),
    );
  }, [api, client, person, view]);
  return null;
}

/** Returns the escrow after it; null where nothing was due. */
async function signDue(api: Api, person: string, view: EscrowView): Promise<EscrowView | null> {
  const key = await deviceKey({ person, escrow: view.address });
  const voucher = key && nextVoucher(view, hexOf(key.publicKey));
  if (key === null || voucher === null) return null;
  const signature = hexOf(await signVoucher(voucher, key.privateKey));
  const json = { round: voucher.round, cumulative: String(voucher.cumulative), signature };
  return answer(() => api.my.escrow.voucher.$put({ json }));
}
