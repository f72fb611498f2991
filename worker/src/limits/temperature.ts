/** The hottest part of this machine that can be read, in °C: Linux's sensors and NVIDIA's own. Elsewhere nothing is read. */
import { execFile } from "node:child_process";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);
const NVIDIA_SMI_TIMEOUT_MS = 3_000;
/** Sensors read; servers have some dozens. */
const SENSORS_MAX = 200;
/** What no part of a working machine has: such a reading is a broken sensor's. */
const BELIEVED_C = { min: -40, max: 150 } as const;

export interface Sensors {
  /** Where the kernel shows its sensors. */
  root: string;
  /** Prints one temperature a line. */
  nvidiaSmi: string;
}

const OWN: Sensors = { root: "/sys/class", nvidiaSmi: "nvidia-smi" };

/** Null where nothing can be read. */
export async function readTemperature(sensors: Sensors = OWN): Promise<number | null> {
  const [kernel, cards] = await Promise.all([kernelReadings(sensors.root), nvidiaReadings(sensors.nvidiaSmi)]);
  const believed = [...kernel, ...cards].filter((c) => c >= BELIEVED_C.min && c <= BELIEVED_C.max);
  return believed.length === 0 ? null : Math.round(Math.max(...believed));
}

/** Both kinds of files hold thousandths of a degree. */
async function kernelReadings(root: string): Promise<number[]> {
  const monitors = await filesIn(join(root, "hwmon"), /^temp\d+_input$/);
  const zones = await filesIn(join(root, "thermal"), /^temp$/);
  const texts = await Promise.all(
    [...monitors, ...zones].slice(0, SENSORS_MAX).map((path) => readFile(path, "utf8").catch(() => "")),
  );
  return texts.filter((text) => /^-?\d{1,7}\s*$/.test(text)).map((text) => Number(text) / 1_000);
}

async function filesIn(folder: string, name: RegExp): Promise<string[]> {
  const devices = await readdir(folder).catch(() => []);
  const found = await Promise.all(
    devices.slice(0, SENSORS_MAX).map(async (device) => {
      const files = await readdir(join(folder, device)).catch(() => []);
      return files.filter((file) => name.test(file)).map((file) => join(folder, device, file));
    }),
  );
  return found.flat();
}

async function nvidiaReadings(program: string): Promise<number[]> {
  const query = ["--query-gpu=temperature.gpu", "--format=csv,noheader,nounits"];
  const answer = await run(program, query, { timeout: NVIDIA_SMI_TIMEOUT_MS }).catch(() => null);
  return (answer?.stdout.split("\n") ?? []).filter((line) => /^\s*\d{1,3}\s*$/.test(line)).map(Number);
}
