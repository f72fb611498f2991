/**
 * The class of a machine by its strongest device, for comparing what such machines are paid. Only names of products that
 * we know are shown: a worker says what its device is called, and the page is public. Pure.
 */
import type { Device } from "@starai/protocol/worker-frames";

/** `name`: a product's; null where only the kind is known. */
export interface DeviceClass {
  readonly kind: Device["kind"];
  readonly name: string | null;
}

const PRODUCTS: readonly RegExp[] = [
  /\b(?:RTX|GTX) ?(?:PRO )?\d{4}(?: ?Ti)?(?: SUPER)?\b/i,
  /\bRX ?\d{4}(?: XTX?)?\b/i,
  /\bM[1-9](?: (?:Pro|Max|Ultra))?\b/,
  /\bArc ?[AB]\d{3}\b/i,
  /\b(?:H|B|A|L)\d{1,3}S?\b/,
  /\b(?:V100|T4|P100|P40)\b/,
];
/** The strongest first: a machine with a GPU has a CPU, too. */
const KINDS: readonly Device["kind"][] = ["cuda", "metal", "vulkan", "remote", "cpu"];

export function deviceClass(devices: readonly Device[]): DeviceClass {
  const kind = KINDS.find((one) => devices.some((device) => device.kind === one)) ?? "cpu";
  if (kind === "cpu" || kind === "remote") return { kind, name: null };
  const largest = devices
    .filter((device) => device.kind === kind)
    .toSorted((one, other) => other.memoryBytes - one.memoryBytes)[0];
  return { kind, name: productIn(largest?.name ?? "") };
}

function productIn(name: string): string | null {
  for (const product of PRODUCTS) {
    const found = product.exec(name)?.[0];
    if (found !== undefined) return found.replaceAll(/ +/g, " ");
  }
  return null;
}
