/** The layer server as a process, played by scripts: how it is started and limited, and that it ends. */
import { chmod, mkdtemp, readFile, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { silent } from "../testing/worker-home.ts";
import { startRpcServer } from "./rpc-server.ts";
import type { RpcServer } from "./rpc-server.ts";

const isRoot = process.platform === "linux" && process.getuid?.() === 0;
/** What the program says of itself before it listens; what it wrote is told with its end. */
const LISTEN = `exec ${process.execPath} -e '
  const port = Number(process.argv[process.argv.indexOf("--port") + 1]);
  require("net").createServer((socket) => socket.resume()).listen(port, "127.0.0.1");' -- "$@"`;

let folder: string;
let running: RpcServer[];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "starai-layer-"));
  await chmod(folder, 0o755);
  running = [];
});
afterEach(async () => {
  for (const server of running) await server.end();
  await rm(folder, { recursive: true });
});

async function start(script: string, over: Partial<Parameters<typeof startRpcServer>[0]> = {}): Promise<RpcServer> {
  const program = join(folder, "ggml-rpc-server");
  await writeFile(program, `#!/bin/sh\n${script}\n`);
  await chmod(program, 0o755);
  const server = await startRpcServer({
    folder,
    threads: 2,
    memoryBytes: 64 * 1024 ** 2,
    device: "CPU",
    log: silent,
    ...over,
  });
  running.push(server);
  return server;
}

function lives(pid: number | undefined): boolean {
  try {
    return process.kill(pid ?? 0, 0);
  } catch {
    return false;
  }
}

describe.skipIf(process.platform === "win32")("a layer server", () => {
  test("listens on loopback with what it is lent, and knows none of the worker's settings", async () => {
    process.env["STARAI_OWNER_CODE"] = "a secret of the worker";
    const server = await start(`echo "$@"; env; id -u; ulimit -d; ulimit -n; ulimit -f; pwd; ${LISTEN}`);
    delete process.env["STARAI_OWNER_CODE"];
    await server.end();
    const words = await server.ended;
    expect(words).not.toContain("STARAI");
    // 64 MiB and its own 256, in KiB; 256 files; none that it writes.
    expect(words).toContain("\n327680\n256\n0\n/\n");
    const user = isRoot ? 65_534 : process.getuid?.();
    expect(words).toContain(`\n${user}\n327680`);
  });

  test("is given its address, device and threads", async () => {
    const server = await start(`echo "$@"; ${LISTEN}`);
    await server.end();
    expect(await server.ended).toContain(`--host 127.0.0.1 --port ${server.port} --device CPU --threads 2`);
  });

  test("cannot write a file", async () => {
    await chmod(folder, 0o777);
    const server = await start(`(echo x > ${folder}/written) 2>/dev/null; ${LISTEN}`);
    await server.end();
    expect(await readFile(join(folder, "written"), "utf8").catch(() => "")).toBe("");
  });

  test("ends when it is told to, also one that does not want to", async () => {
    const server = await start(`trap '' TERM; ${LISTEN.replace("exec ", "")}`);
    expect(lives(server.pid)).toBe(true);
    await server.end();
    expect(lives(server.pid)).toBe(false);
  });

  test("that ends by itself says why", async () => {
    const server = await start(`echo "out of luck"; ${LISTEN} & sleep 0.5; kill -KILL $!; exit 3`);
    expect(await server.ended).toMatch(/ggml-rpc-server ended \(exit 3\): out of luck/);
  });

  test("whose processor lacks an instruction, and one that is missing, are not started and say so", async () => {
    await expect(start("kill -ILL $$")).rejects.toThrow("this processor lacks an instruction");
    await expect(start("echo no such device; exit 1")).rejects.toThrow(/did not start: .*exit 1\): no such device/);
    await rm(join(folder, "ggml-rpc-server"));
    const options = { folder, threads: 1, memoryBytes: 1, device: "CPU", log: silent };
    await expect(startRpcServer(options)).rejects.toThrow(/ENOENT|127/);
  });

  test("whose port was taken meanwhile is tried at another one, three times at most", async () => {
    await chmod(folder, 0o777);
    const refused = start(`echo x >> ${folder}/failed; echo "Failed to bind the socket"; exit 1`, {
      device: "Vulkan0",
    });
    await expect(refused).rejects.toThrow("Failed to bind");
    expect((await readFile(join(folder, "failed"), "utf8")).trim().split("\n")).toHaveLength(3);
  });

  test.runIf(isRoot)(
    "of a build that only root can read runs as nobody out of a copy, which is gone again",
    async () => {
      const before = new Set(await readdir(tmpdir()));
      await chmod(folder, 0o700);
      const server = await start(`id -u; ${LISTEN}`);
      const left = (await readdir(tmpdir())).filter((name) => name.startsWith("starai-layers-") && !before.has(name));
      expect(left).toEqual([]);
      await server.end();
      expect(await server.ended).toContain("65534");
    },
  );
});
