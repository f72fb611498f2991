/** What this machine has: memory, cores, graphics cards. */
import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import os from "node:os";
import { promisify } from "node:util";
import type { Device } from "@starai/protocol/worker-frames";

const run = promisify(execFile);
const NVIDIA_SMI_TIMEOUT_MS = 5_000;

export interface Gpu {
  name: string;
  kind: "cuda" | "metal";
  memoryBytes: number;
  freeBytes: number;
}

export interface Machine {
  cpuName: string;
  cores: number;
  memoryBytes: number;
  freeBytes: number;
  gpus: Gpu[];
}

export async function describeMachine(): Promise<Machine> {
  return {
    cpuName: os.cpus()[0]?.model.trim() ?? "unknown CPU",
    cores: os.availableParallelism(),
    memoryBytes: totalMemoryBytes(),
    freeBytes: await freeMemoryBytes(),
    gpus: await gpus(),
  };
}

/** The devices reported to the pool. */
export function devicesOf(machine: Machine): Device[] {
  const cpu: Device = { name: machine.cpuName.slice(0, 120), kind: "cpu", memoryBytes: machine.memoryBytes };
  return [cpu, ...machine.gpus.map(({ name, kind, memoryBytes }) => ({ name: name.slice(0, 120), kind, memoryBytes }))];
}

/**
 * Memory a new process could use, in bytes; in a container with a limit, the rest of the limit. File pages
 * count as free there too, because the kernel reclaims them.
 */
export async function freeMemoryBytes(): Promise<number> {
  const machineFree = os.freemem();
  const [max, current, stat] = await Promise.all(
    ["memory.max", "memory.current", "memory.stat"].map((file) =>
      readFile(`/sys/fs/cgroup/${file}`, "utf8").catch(() => ""),
    ),
  );
  const limit = Number(max);
  if (!max || !current || !Number.isFinite(limit)) return machineFree;
  const filePages = [...(stat ?? "").matchAll(/^(?:in)?active_file (\d+)$/gm)].reduce(
    (sum, [, n]) => sum + Number(n),
    0,
  );
  return Math.max(0, Math.min(machineFree, limit - Number(current) + filePages));
}

function totalMemoryBytes(): number {
  const limit = process.constrainedMemory?.() ?? 0;
  return limit > 0 && limit < os.totalmem() ? limit : os.totalmem();
}

async function gpus(): Promise<Gpu[]> {
  if (process.platform === "darwin" && process.arch === "arm64") {
    // Apple's memory is unified; Metal may use about two thirds of it.
    const memoryBytes = Math.floor((os.totalmem() * 2) / 3);
    return [{ name: "Apple GPU", kind: "metal", memoryBytes, freeBytes: Math.min(memoryBytes, os.freemem()) }];
  }
  return await nvidiaGpus();
}

async function nvidiaGpus(): Promise<Gpu[]> {
  const query = ["--query-gpu=name,memory.total,memory.free", "--format=csv,noheader,nounits"];
  const answer = await run("nvidia-smi", query, { timeout: NVIDIA_SMI_TIMEOUT_MS }).catch(() => null);
  if (!answer) {
    if (!existsSync("/proc/driver/nvidia/version")) return [];
    return [{ name: "NVIDIA GPU (nvidia-smi does not answer)", kind: "cuda", memoryBytes: 0, freeBytes: 0 }];
  }
  return answer.stdout
    .trim()
    .split("\n")
    .map((line) => line.split(", "))
    .map(([name = "NVIDIA GPU", total = "0", free = "0"]) => ({
      name,
      kind: "cuda" as const,
      memoryBytes: Number(total) * 1024 ** 2,
      freeBytes: Number(free) * 1024 ** 2,
    }));
}
