import { useQuery } from "@tanstack/react-query";
import type { Receipt, SignedReceipt } from "@starai/protocol/receipts";
import { answer, publicApi } from "../../lib/api.ts";
import { keys } from "../../lib/query-client.ts";
import { verifySignature } from "./verify-receipt.ts";
import type { SignatureState } from "./verify-receipt.ts";

export interface ReadReceipt {
  receipt: Receipt;
  signed: SignedReceipt;
  signature: SignatureState;
}

/** A receipt and the state of its signature. A receipt never changes. */
export function useReceipt(id: string) {
  return useQuery({
    queryKey: keys.receipt(id),
    queryFn: async ({ signal }): Promise<ReadReceipt> => {
      const [signed, published] = await Promise.all([
        answer(() => publicApi.receipts[":id"].$get({ param: { id } }, { init: { signal } })),
        answer(() => publicApi.receiptKeys.$get({}, { init: { signal } })),
      ]);
      return {
        receipt: JSON.parse(signed.receipt) as Receipt,
        signed,
        signature: await verifySignature(signed, published.keys),
      };
    },
    staleTime: Number.POSITIVE_INFINITY,
  });
}
