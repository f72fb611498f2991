/** The W5 wallet that pays out, and what an endpoint shows of it at one moment. */
import { Cell } from "@ton/core";
import type { Address } from "@ton/core";
import { keyPairFromSeed } from "@ton/crypto";
import { WalletContractV5R1 } from "@ton/ton";
import type { TonClient } from "@ton/ton";
import { z } from "zod";
import type { Chain } from "../../chain/chain.ts";

export interface HotWallet {
  readonly address: Address;
  readonly wallet: WalletContractV5R1;
  readonly secretKey: Buffer;
}

/** null where this server has no key: it pays nothing out. */
export function hotWalletOf({ hotSeed, networkId }: Chain): HotWallet | null {
  if (hotSeed === null) return null;
  const { publicKey, secretKey } = keyPairFromSeed(hotSeed);
  const wallet = WalletContractV5R1.create({ publicKey, walletId: { networkGlobalId: networkId } });
  return { address: wallet.address, wallet, secretKey };
}

/** All of one answer of the endpoint, so that the parts belong together. */
export interface HotState {
  readonly balance: bigint;
  /** The number that the wallet's next message must have. */
  readonly seqno: number;
  /** The first message brings the wallet's code. */
  readonly isActive: boolean;
  /** Logical time of its last transaction; 0 when there is none. */
  readonly lt: bigint;
  /** The chain's time of this state, UNIX seconds. */
  readonly atS: number;
}

const Answer = z.object({
  balance: z.bigint().nonnegative(),
  state: z.enum(["active", "uninitialized", "frozen"]),
  data: z.instanceof(Buffer).nullable(),
  lastTransaction: z.object({ lt: z.string().regex(/^\d{1,20}$/) }).nullable(),
  timestampt: z.int().positive(),
});

/** @throws when the endpoint does not answer, or with something that is no state of this wallet */
export async function readHotState(client: TonClient, address: Address): Promise<HotState> {
  const answer = Answer.parse(await client.getContractState(address));
  if (answer.state === "frozen")
    throw new Error("The hot wallet is frozen: it owes more storage than it has. Nothing is paid out; send it coins.");
  const isActive = answer.state === "active";
  return {
    balance: answer.balance,
    seqno: isActive ? seqnoIn(answer.data) : 0,
    isActive,
    lt: BigInt(answer.lastTransaction?.lt ?? 0),
    atS: answer.timestampt,
  };
}

/** A W5's data begins with a bit (whether signatures are allowed) and the number. */
function seqnoIn(data: Buffer | null): number {
  if (data === null) throw new Error("The endpoint shows an active hot wallet without data.");
  return Cell.fromBoc(data)[0]!.beginParse().skip(1).loadUint(32);
}
