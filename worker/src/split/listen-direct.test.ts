/** Direct connections, on loopback in place of a local network. */
import { once } from "node:events";
import { connect } from "node:net";
import type { Duplex } from "node:stream";
import { afterEach, expect, test } from "vitest";
import { DirectAddress } from "@starai/protocol/split";
import { dialDirect } from "./dial-direct.ts";
import { listenDirect } from "./listen-direct.ts";
import type { DirectPort } from "./listen-direct.ts";
import { isPrivate, privateAddresses } from "./private-network.ts";

const secret = "7a".repeat(32);
const isAllowed = (address: string) => address.startsWith("127.");
const signal = new AbortController().signal;
let ports: DirectPort[] = [];

afterEach(async () => {
  for (const port of ports) await port.close();
  ports = [];
});

async function listen(addresses: readonly string[] = ["127.0.0.1"]) {
  const came: { tunnel: Duplex; connection: string }[] = [];
  const port = await listenDirect({
    secret,
    addresses,
    onTunnel: (tunnel, connection) => {
      came.push({ tunnel, connection });
      tunnel.pipe(tunnel);
    },
  });
  ports.push(port);
  return { came, direct: port.direct ?? { addresses: [], port: 1 } };
}

test("who has the group's secret gets through, each with an id of its own", async () => {
  const { came, direct } = await listen();
  expect(DirectAddress.safeParse(direct).success).toBe(true);
  const tunnels = await Promise.all([1, 2].map(async () => await dialDirect({ direct, secret, signal, isAllowed })));
  for (const tunnel of tunnels) {
    tunnel.write("hello");
    expect(String((await once(tunnel, "data"))[0])).toBe("hello");
  }
  expect(new Set(came.map(({ connection }) => connection)).size).toBe(2);
  for (const tunnel of tunnels) tunnel.destroy();
});

test("who has another secret, or speaks no TLS, does not, and the port stays open for others", async () => {
  const { came, direct } = await listen();
  const wrong = dialDirect({ direct, secret: "00".repeat(32), signal, isAllowed });
  await expect(wrong).rejects.toThrow("does not answer at its own addresses");
  const plain = connect({ host: "127.0.0.1", port: direct.port });
  plain.on("error", () => {});
  plain.write("GET / HTTP/1.1\r\n\r\n");
  await once(plain.resume(), "close");
  expect(came).toEqual([]);
  (await dialDirect({ direct, secret, signal, isAllowed })).destroy();
});

test("an address that is nobody's costs nothing when another one answers", async () => {
  const { direct } = await listen(["127.0.0.1", "203.0.113.9"]);
  // The second cannot be listened on here, and is not offered.
  expect(direct.addresses).toEqual(["127.0.0.1"]);
  const several = { ...direct, addresses: ["127.0.0.77", "127.0.0.1"] };
  (await dialDirect({ direct: several, secret, signal, isAllowed })).destroy();
});

test("a head calls no address outside local networks, whatever a node names", async () => {
  const { came, direct } = await listen();
  await expect(dialDirect({ direct, secret, signal })).rejects.toThrow("does not answer");
  expect(came).toEqual([]);
  const [own, others] = [
    ["10.1.2.3", "172.16.0.1", "172.31.255.255", "192.168.1.9", "fd00::1"],
    ["127.0.0.1", "172.32.0.1", "8.8.8.8", "169.254.169.254", "::1", "2001:db8::1", "example.com", "::ffff:8.8.8.8"],
  ];
  expect(own.filter(isPrivate)).toEqual(own);
  expect(others.filter(isPrivate)).toEqual([]);
  expect(privateAddresses().every(isPrivate)).toBe(true);
});

test("a port that is closed ends what came through it and takes no more", async () => {
  const { direct } = await listen();
  const tunnel = await dialDirect({ direct, secret, signal, isAllowed });
  const gone = once(tunnel.resume(), "close");
  await ports[0]?.close();
  await gone;
  await expect(dialDirect({ direct, secret, signal, isAllowed })).rejects.toThrow("does not answer");
});
