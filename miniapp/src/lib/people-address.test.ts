import { Address } from "@ton/core";
import { expect, test } from "vitest";
import {
  addressLink,
  contractAddress,
  peopleAddress,
  shortAddress,
  transactionLink,
  transferLink,
} from "./people-address.ts";

const raw = `0:${"ab".repeat(32)}`;
const explorer = { transaction: "https://explorer.test/tx/{hash}", address: "/ton/{address}" };

test("people read the form that wallets show: it does not bounce, and off mainnet it says so", () => {
  const address = Address.parseRaw(raw);
  expect(peopleAddress(raw, { id: -239 })).toBe(address.toString({ bounceable: false }));
  expect(peopleAddress(raw, { id: -3 })).toBe(address.toString({ bounceable: false, testOnly: true }));
  expect(shortAddress(peopleAddress(raw, { id: -239 }))).toMatch(/^UQ.{4}….{6}$/);
});

test("a payment to a contract bounces back where it is refused, and its link says whose it is", () => {
  const address = contractAddress(raw, { id: -3 });
  expect(address).toBe(Address.parseRaw(raw).toString({ bounceable: true, testOnly: true }));
  expect(transferLink(address, "K7M4PX2Q")).toBe(`ton://transfer/${address}?text=K7M4PX2Q`);
});

test("links lead where the server says, and those of a chain on this machine to its own pages", () => {
  const network = { id: -3, explorer };
  expect(transactionLink("0f0f", network, "http://127.0.0.1:1/app/")).toBe("https://explorer.test/tx/0f0f");
  expect(addressLink(raw, network, "http://127.0.0.1:1/app/")).toBe(
    `http://127.0.0.1:1/ton/${peopleAddress(raw, network)}`,
  );
});
