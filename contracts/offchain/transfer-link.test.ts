import { Address, beginCell, Cell, contractAddress } from "@ton/core";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { claimBody } from "../wrappers/RewardDistributor.ts";
import { ContributorAccount, stakeBody } from "../wrappers/ContributorAccount.ts";
import { RewardTree } from "../wrappers/merkle.ts";
import { LINK_CHARS_MAX, readTransferLink, transferLink } from "./transfer-link.ts";
import type { TransferRequest } from "./transfer-link.ts";

const hash = fc.uint8Array({ minLength: 32, maxLength: 32 }).map((bytes) => Buffer.from(bytes));
const cells = fc.tuple(hash, hash).map(([bits, inner]) =>
  beginCell()
    .storeBuffer(bits)
    .storeRef(beginCell().storeBuffer(inner.subarray(1)).endCell())
    .endCell(),
);
const requests: fc.Arbitrary<TransferRequest> = fc
  .record({
    hash,
    workChain: fc.constantFrom(0, -1),
    bounceable: fc.boolean(),
    testOnly: fc.boolean(),
    amount: fc.bigInt({ min: 0n, max: 2n ** 120n - 1n }),
    body: fc.option(cells),
    init: fc.option(fc.record({ code: cells, data: cells })),
  })
  .map(({ hash, workChain, init, ...rest }) => ({
    ...rest,
    init,
    to: init ? contractAddress(workChain, init) : new Address(workChain, hash),
  }));

const account = new ContributorAccount({
  owner: new Address(0, Buffer.alloc(32, 1)),
  distributor: new Address(0, Buffer.alloc(32, 2)),
});
const stake: TransferRequest = {
  to: account.address,
  bounceable: true,
  testOnly: false,
  amount: 5_000_000_000n,
  body: stakeBody(4_000_000_000n),
  init: account.init,
};

/** Equality of what is sent: cells by their hashes. */
const sent = ({ to, body, init, ...rest }: TransferRequest) => ({
  ...rest,
  to: to.toRawString(),
  body: body?.hash().toString("hex"),
  code: init?.code?.hash().toString("hex"),
  data: init?.data?.hash().toString("hex"),
});

describe("a transfer link", () => {
  test("is read back as the message it was written for, to any contract with any body", () => {
    fc.assert(
      fc.property(requests, (request) => {
        expect(sent(readTransferLink(transferLink(request)))).toEqual(sent(request));
      }),
    );
  });

  test("that deploys an account or proves a leaf among ten thousand is far from the length a reader refuses", () => {
    const keys = Buffer.alloc(10_000 * 32);
    for (let at = 0; at < 10_000; at++) keys.writeUInt32BE(at * 400_000, at * 32);
    const tree = new RewardTree({ keys, amounts: new BigUint64Array(10_000).fill(1n) });
    const owner = new Address(0, keys.subarray(0, 32));
    const claim = claimBody({ owner, deploy: true, proof: tree.proof(owner.hash) });
    for (const request of [stake, { ...stake, body: claim }])
      expect(transferLink(request).length).toBeLessThan(LINK_CHARS_MAX / 2);
  });

  test("cannot be written for an amount no message can carry", () => {
    for (const amount of [-1n, 2n ** 120n])
      expect(() => transferLink({ ...stake, amount })).toThrow("not an amount in nano units");
  });

  test("cannot be written for a body that would make it longer than a reader accepts", () => {
    const body = Array.from({ length: 100 }).reduce<Cell>(
      (inner, _, at) => beginCell().storeBuffer(Buffer.alloc(127, at)).storeRef(inner).endCell(),
      Cell.EMPTY,
    );
    expect(() => transferLink({ ...stake, body })).toThrow("too long for a link");
  });

  test.each([
    ["of another scheme", (link: string) => link.replace("ton:", "https:")],
    ["to a raw address", (link: string) => link.replace(/EQ[\w-]{46}/, account.address.toRawString())],
    ["without an amount", (link: string) => link.replace(/\?.*/, "")],
    ["that goes on after white space", (link: string) => `${link} `],
    ["longer than any of ours", (link: string) => `${link}&bin=${"A".repeat(LINK_CHARS_MAX)}`],
  ])("%s is refused as no link at all", (_, change) => {
    expect(() => readTransferLink(change(transferLink(stake)))).toThrow("not a link");
  });

  test.each([
    [
      "an address with a wrong checksum",
      "address",
      (link: string) => link.replace(/.(?=\?)/, (last) => (last === "A" ? "B" : "A")),
    ],
    ["a negative amount", "amount", (link: string) => link.replace("amount=", "amount=-")],
    ["an amount with leading zeros", "amount", (link: string) => link.replace("amount=", "amount=0")],
    ["an amount no message can carry", "amount", (link: string) => link.replace(/amount=\d+/, `amount=${2n ** 120n}`)],
    ["an amount missing", "amount", (link: string) => link.replace(/amount=\d+&/, "")],
    ["a body that is no cell", "bin", (link: string) => link.replace(/bin=[\w-]+/, "bin=AAAA")],
    ["a body cut short", "bin", (link: string) => link.replace(/(bin=[\w-]+)[\w-]{8}/, "$1")],
    ["an empty body", "bin", (link: string) => link.replace(/bin=[\w-]+/, "bin=")],
    ["the state of another contract", "init", (link: string) => link.replace(/init=[\w-]+/, `init=${anotherInit}`)],
    ["a state that is none", "init", (link: string) => link.replace(/init=[\w-]+/, `init=${noInit}`)],
  ])("with %s names the part at fault", (_, name, change) => {
    const link = change(transferLink(stake));
    expect(link).not.toBe(transferLink(stake));
    expect(() => readTransferLink(link)).toThrow(`The link's ${name} is malformed.`);
  });

  test("with a parameter that would change what is sent is refused: a jetton, a second amount", () => {
    const link = transferLink(stake);
    expect(() => readTransferLink(`${link}&jetton=EQAA`)).toThrow("not supported: jetton");
    expect(() => readTransferLink(`${link}&amount=1`)).toThrow("more than one amount");
    expect(() => readTransferLink(`${link}&__proto__=1`)).toThrow("not supported: __proto__");
  });

  test("never breaks its reader, whatever stands behind the address", () => {
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom("amount", "bin", "init", "=", "&", "-", "_", "0", "A", "te6c", "é") }),
        (query) => {
          const read = () => readTransferLink(`${transferLink(stake).split("?")[0]}?${query}`);
          expect(read).toThrow(/^(The link|This is not a link)/);
        },
      ),
    );
  });
});

const another = new ContributorAccount({ owner: account.address, distributor: account.address }).init;
const anotherInit = /init=([\w-]+)/.exec(
  transferLink({ ...stake, to: contractAddress(0, another), init: another }),
)![1]!;
const noInit = Cell.EMPTY.toBoc().toString("base64url");
