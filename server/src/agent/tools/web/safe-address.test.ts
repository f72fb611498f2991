import * as fc from "fast-check";
import { expect, test } from "vitest";
import { checkUrl, isPublicAddress } from "./safe-address.ts";

/** IANA's special-purpose registries, and addresses that cloud providers use inside their networks. */
const PRIVATE = [
  "0.0.0.0 0.255.255.255 10.0.0.0 10.255.255.255 100.64.0.0 100.127.255.255 127.0.0.1 127.255.255.255",
  "169.254.0.0 169.254.169.254 169.254.170.2 172.16.0.0 172.31.255.255 192.0.0.0 192.0.0.192 192.0.2.1 192.88.99.1",
  "192.168.0.0 192.168.255.255 198.18.0.0 198.19.255.255 198.51.100.1 203.0.113.1 224.0.0.1 239.255.255.255",
  "240.0.0.0 255.255.255.255 100.100.100.200 168.63.129.16",
  ":: ::1 ::127.0.0.1 ::808:808 ::ffff:127.0.0.1 ::ffff:168.63.129.16 ::ffff:a9fe:a9fe ::ffff:0:127.0.0.1",
  "64:ff9b::7f00:1 64:ff9b::a9fe:a9fe 64:ff9b:1::1 100::1 2001::1 2001:0:7f00:1:: 2001:2::1 2001:db8::1 2001:20::1",
  "2002:7f00:1:: 2002:a9fe:a9fe:: 3fff::1 5f00::1 fc00::1 fd00:ec2::254 fd20:ce::254 fe80::1 fe80::a9fe:a9fe",
  "febf::1 fec0::1 feff::1 ff02::1 4000::1 8000::1 e000::1",
].flatMap((line) => line.split(" "));
const PUBLIC = [
  "1.1.1.1 8.8.8.8 93.184.215.14 100.63.255.255 100.128.0.0 168.63.129.15 168.63.129.17 172.15.255.255 172.32.0.0",
  "192.0.1.1 198.17.255.255 198.20.0.0 223.255.255.255 ::ffff:8.8.8.8",
  "2001:4860:4860::8888 2606:2800:21f:cb07:6820:80da:af6b:8b2c 2a00:1450:4001:80b::200e 2003::1 3ffe::1",
].flatMap((line) => line.split(" "));
const spelt = (address: string) => `http://${address.includes(":") ? `[${address}]` : address}/`;

test.each(PRIVATE)("%s is no public address, looked up or written down", (address) => {
  expect(isPublicAddress(address)).toBe(false);
  expect(checkUrl(spelt(address))).toHaveProperty("refusal");
});

test.each(PUBLIC)("%s is a public address", (address) => {
  expect(isPublicAddress(address)).toBe(true);
  expect(checkUrl(spelt(address))).toHaveProperty("url");
});

test.each(["example.org", "", "127.1", "2130706433", "0x7f000001", "8.8.8", "8.8.8.8 ", "[::1]", "::g"])(
  "%j is no address at all, so it is not public",
  (text) => expect(isPublicAddress(text)).toBe(false),
);

const groups = (address: bigint) =>
  Array.from({ length: 8 }, (_, at) => ((address >> BigInt(112 - 16 * at)) & 0xffffn).toString(16)).join(":");
const bytes = (address: number) => [24, 16, 8, 0].map((shift) => (address >>> shift) & 255).join(".");

test("an IPv6 address outside 2000::/3 is public only where it is a public IPv4 address mapped", () => {
  fc.assert(
    fc.property(fc.bigInt({ min: 0n, max: (1n << 128n) - 1n }), (address) => {
      fc.pre(address >> 125n !== 1n && address >> 32n !== 0xffffn);
      expect(isPublicAddress(groups(address))).toBe(false);
    }),
  );
  fc.assert(
    fc.property(fc.nat({ max: 0xffffffff }), (address) => {
      const mapped = `::ffff:${bytes(address)}`;
      expect(isPublicAddress(mapped)).toBe(isPublicAddress(bytes(address)));
      expect("url" in checkUrl(spelt(mapped))).toBe(isPublicAddress(bytes(address)));
    }),
  );
});

test("an IPv4 address in a URL is judged the same in every notation", () => {
  fc.assert(
    fc.property(fc.constantFrom(...PRIVATE.filter((text) => !text.includes(":"))), (text) => {
      const [a = 0, b = 0, c = 0, d = 0] = text.split(".").map(Number);
      const whole = a * 2 ** 24 + b * 2 ** 16 + c * 2 ** 8 + d;
      const octal = [a, b, c, d].map((part) => `0${part.toString(8)}`).join(".");
      const spellings = [whole, `0x${whole.toString(16)}`, `${a}.${b * 65_536 + c * 256 + d}`, octal, `${text}.`];
      for (const host of spellings) expect(checkUrl(`http://${host}/`)).toHaveProperty("refusal");
    }),
  );
});
