import { expect, test } from "vitest";
import { originOf, remoteAddress } from "./origin-of.ts";

test.each([
  ["203.0.113.7", "203.0.113.7", "203.0.113.0/24"],
  ["::ffff:203.0.113.7", "203.0.113.7", "203.0.113.0/24"],
  ["2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64", "2001:db8:1::/48"],
  ["::1", "0:0:0:0::/64", "0:0:0::/48"],
  ["fe80::1%eth0", "fe80:0:0:0::/64", "fe80:0:0::/48"],
  ["nonsense", "unknown", "unknown"],
])("%s counts as %s of %s", (remote, address, network) => {
  expect(originOf(remote)).toEqual({ address, network });
});

const request = { headers: { "x-forwarded-for": "198.51.100.1, 203.0.113.7" }, socket: { remoteAddress: "127.0.0.1" } };

test("behind our proxy the last address of the header counts, not those a client wrote before it", () => {
  expect(remoteAddress(request, true)).toBe("203.0.113.7");
  expect(remoteAddress({ ...request, headers: {} }, true)).toBe("127.0.0.1");
});

test("without a proxy of ours the header is ignored", () => {
  expect(remoteAddress(request, false)).toBe("127.0.0.1");
  expect(remoteAddress({ headers: {}, socket: {} }, false)).toBe("unknown");
});
