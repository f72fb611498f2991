import { expect, test } from "vitest";
import type { Device } from "@starai/protocol/worker-frames";
import { deviceClass } from "./device-class.ts";

const device = (kind: Device["kind"], name: string, memoryBytes = 1): Device => ({ kind, name, memoryBytes });

test.each([
  ["NVIDIA GeForce RTX 4090", "RTX 4090"],
  ["NVIDIA GeForce RTX 4070 Ti SUPER", "RTX 4070 Ti SUPER"],
  ["NVIDIA H100 80GB HBM3", "H100"],
  ["NVIDIA L40S", "L40S"],
  ["AMD Radeon RX 7900 XTX", "RX 7900 XTX"],
])("%s is one of the %s", (name, expected) => {
  expect(deviceClass([device("cpu", "EPYC"), device("cuda", name)])).toEqual({ kind: "cuda", name: expected });
});

test("the largest GPU of a machine says what it is", () => {
  const devices = [device("cuda", "RTX 3060", 12), device("cuda", "RTX 3090", 24)];
  expect(deviceClass(devices)).toEqual({ kind: "cuda", name: "RTX 3090" });
});

test("words of a stranger are not repeated: only the kind is left", () => {
  expect(deviceClass([device("cuda", "buy coins at example.com")])).toEqual({ kind: "cuda", name: null });
  expect(deviceClass([device("cpu", "RTX 4090")])).toEqual({ kind: "cpu", name: null });
});

test("a machine without a device counts by its CPU", () => {
  expect(deviceClass([])).toEqual({ kind: "cpu", name: null });
});
