/**
 * Pays coins in: connects a wallet where none is, orders an invoice, stores that it is being handed over, and only then asks
 * the wallet. What may have been sent is not sent again unless the person says so.
 */
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { depositRequest } from "@starai/contracts/connect/deposit-request";
import { answer as answered, dispatch, prepare } from "@starai/contracts/connect/request-once";
import type { RequestOnce } from "@starai/contracts/connect/request-once";
import { REQUEST_SECONDS } from "@starai/contracts/connect/wallet-request";
import type { WalletRequest } from "@starai/contracts/connect/wallet-request";
import type { InvoiceView } from "@starai/protocol/wallet";
import type { Chain } from "../../data/use-chain.ts";
import { answer, answerOnce } from "../../lib/api.ts";
import type { Api } from "../../lib/api.ts";
import { useApi } from "../../lib/app-context.ts";
import { keys } from "../../lib/query-client.ts";
import { useConnect } from "./use-connect.ts";
import type { Deposit } from "./use-deposit.ts";
import { useWalletFailed } from "./use-wallet-failed.ts";
import { useWallets } from "./use-wallets.ts";

interface Pay {
  /** Nano units. */
  amount: bigint;
  /** The person knows that an earlier one may have been paid. */
  again: boolean;
}

type Kept = Pick<Deposit, "read" | "keep">;

export function usePay(chain: Chain, kept: Kept) {
  const api = useApi();
  const client = useQueryClient();
  const openWallets = useWallets(chain);
  const connect = useConnect(chain);
  return useMutation({
    mutationFn: async ({ amount, again }: Pay) => {
      const wallets = await openWallets();
      if (!wallets.connected()) await connect(wallets);
      const invoice = await answer(() => api.my.deposits.invoices.$post({ json: { amount: String(amount) } }));
      const { handed, asking } = await handOver(api, invoice, { ...kept, again });
      await client.cancelQueries({ queryKey: keys.chain });
      client.setQueryData<Chain>(keys.chain, (old) => old && { ...old, invoice: handed });
      const outcome = await wallets.send(requestOf(chain, handed));
      kept.keep(answered(asking, outcome));
      if (outcome === "sent") await tellSent(api, invoice);
    },
    onError: useWalletFailed(),
    onSettled: () => client.invalidateQueries({ queryKey: keys.chain }),
  });
}

/**
 * Stores here and on the server that a wallet is about to be asked. From here on the wallet has its whole time.
 * @throws NotAgain
 */
async function handOver(api: Api, invoice: InvoiceView, { read, keep, again }: Kept & Pick<Pay, "again">) {
  const earlier = read();
  // The server gives out again only what no wallet was handed.
  const before = earlier?.queryId === invoice.id ? null : earlier;
  const handing = dispatch(prepare(before, termsOf(invoice), again));
  keep(handing);
  try {
    // Once: a second call would be refused as that of another page.
    const handed = await answerOnce(() => api.my.deposits.invoices[":id"].handed.$post({ param: { id: invoice.id } }));
    const asking: RequestOnce = { ...handing, validUntil: termsOf(handed).validUntil };
    keep(asking);
    return { handed, asking };
  } catch (error) {
    // The wallet has not been asked. If the server heard of it all the same, it says so.
    keep(earlier);
    throw error;
  }
}

/** `validUntil`: when the wallet must not sign any more, UNIX seconds of the chain. */
function termsOf({ id, expiresAt }: InvoiceView): { queryId: bigint; validUntil: number } {
  return { queryId: BigInt(id), validUntil: Math.floor(Date.parse(expiresAt) / 1_000) };
}

function requestOf({ network, vault, depositNumber }: Chain, invoice: InvoiceView): WalletRequest {
  const { queryId, validUntil } = termsOf(invoice);
  return depositRequest(
    { networkId: network.id, nowS: validUntil - REQUEST_SECONDS, queryId },
    { vault, amount: BigInt(invoice.amount), userId: BigInt(depositNumber) },
  );
}

/** For the words on the screen only: what was sent is credited whether or not the server hears of it. */
async function tellSent(api: Api, { id }: InvoiceView): Promise<void> {
  await answer(() => api.my.deposits.invoices[":id"].sent.$post({ param: { id } })).catch(() => undefined);
}
