/** Signing in with a wallet of the local chain, which is asked through an unmodified `TonClient`. */
import { internal, SendMode, toNano } from "@ton/core";
import { LOCAL_NETWORK_ID } from "@starai/contracts/chain-config";
import { proofChainOf } from "@starai/contracts/offchain/proof-chain";
import { verifyTonProof } from "@starai/contracts/offchain/ton-proof";
import { afterAll, beforeAll, expect, test } from "vitest";
import { signedProof } from "../../../contracts/tests/test-ton-proof.ts";
import { personOf, TestTon } from "../testing/chain.ts";

let ton: TestTon;
beforeAll(async () => {
  ton = await TestTon.open();
});
afterAll(() => ton[Symbol.asyncDispose]());

test("a wallet signs in before and after its first message, and nobody else signs in with it", async () => {
  const [ann, eve] = [personOf("ann"), personOf("eve")];
  const chain = proofChainOf(ton.client);
  const rules = { networkId: LOCAL_NETWORK_ID, domains: ["app.example"], nowS: ton.opened.chain.nowS() };
  const proofBy = (key: typeof ann) =>
    signedProof(ann.wallet, { ...rules, key, domain: "app.example", payload: "nonce", timestamp: rules.nowS });
  const signIns = async () => {
    expect((await verifyTonProof(proofBy(ann), rules, chain)).address.equals(ann.wallet.address)).toBe(true);
    await expect(verifyTonProof(proofBy(eve), rules, chain)).rejects.toMatchObject({ code: "signature" });
  };

  expect(await chain.isDeployed(ann.wallet.address)).toBe(false);
  await signIns();

  await ton.post("/faucet", { address: ann.wallet.address.toString(), amount: String(toNano(1)) });
  const { secretKey } = ann;
  const messages = [internal({ to: eve.wallet.address, value: toNano("0.1"), bounce: false })];
  const sendMode = SendMode.PAY_GAS_SEPARATELY;
  const transfer = ann.wallet.createTransfer({ seqno: 0, secretKey, messages, sendMode });
  await ton.client.open(ann.wallet).send(transfer);
  await expect.poll(() => chain.isDeployed(ann.wallet.address)).toBe(true);
  expect(await chain.getNumber(ann.wallet.address, "get_public_key")).not.toBeNull();
  expect(await chain.getNumber(ann.wallet.address, "no_such_method")).toBeNull();
  await signIns();
});
