/** The server as a process, played by scripts: how it is started, ended, and what becomes of it when the worker dies. */
import { fork } from "node:child_process";
import { chmod, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { createRequire } from "node:module";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { ServerProcess } from "./server-process.ts";

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "starai-server-"));
});
afterEach(async () => {
  vi.restoreAllMocks();
  await rm(folder, { recursive: true });
});

async function play(script: string) {
  const program = join(folder, "llama-server");
  await writeFile(program, `#!/bin/sh\necho $$ > ${folder}/pid\n${script}\n`);
  await chmod(program, 0o755);
  const setUp = { model: "m.gguf", contextTokens: 2_048, slots: 2, kvType: "q8_0" as const, threads: 1 };
  return { folder, ...setUp, batchTokens: 64, gpu: false };
}

const serverPid = async () =>
  await expect.poll(async () => Number(await readFile(join(folder, "pid"), "utf8").catch(() => ""))).toBeGreaterThan(0);

const pidOf = async () => Number(await readFile(join(folder, "pid"), "utf8"));

function lives(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

const using = (at: number) => `echo "llama_prepare_model_devices: using device RPC${at} (127.0.0.1:5) - 9 MiB free"`;
const headed = async (script: string) =>
  new ServerProcess({
    ...(await play(script)),
    rpc: { endpoints: ["127.0.0.1:5", "127.0.0.1:6"], layers: [8, 11, 9] },
  });

describe.skipIf(process.platform === "win32")("llama-server as a process", () => {
  test("it gets no setting and no secret of the worker, and its own key where other users cannot read it", async () => {
    process.env.STARAI_ENGINE_KEY = "a secret of the worker";
    process.env.LLAMA_ARG_HOST = "0.0.0.0";
    const server = new ServerProcess(await play(`env > ${folder}/env; echo "$@" > ${folder}/args`));
    await server.ended;
    const [env, args] = [await readFile(join(folder, "env"), "utf8"), await readFile(join(folder, "args"), "utf8")];
    delete process.env.STARAI_ENGINE_KEY;
    delete process.env.LLAMA_ARG_HOST;
    const key = /LLAMA_API_KEY=([0-9a-f]{64})/.exec(env)?.[1] ?? "none";
    expect(env).not.toMatch(/STARAI|LLAMA_ARG/);
    expect(args).not.toContain(key);
    expect(args).toMatch(/--host 127\.0\.0\.1 .*--offline --no-webui --no-slots/);
    expect(args).toMatch(/--ctx-size 4096 --parallel 2/);
  });

  test("its address is not taken out of a line that has come in part", async () => {
    const words = 'printf "server is listening on http://127.0.0.1:4"; sleep 0.3; printf "5 - starting\\n"; exit 3';
    const server = new ServerProcess(await play(words));
    const asked: string[] = [];
    vi.spyOn(globalThis, "fetch").mockImplementation(async (url) => {
      asked.push(JSON.stringify(url));
      throw new Error("nobody is there");
    });
    await expect(server.ready()).rejects.toThrow("starting");
    expect(asked.filter((url) => !url.includes("127.0.0.1:45/"))).toEqual([]);
  });

  test("one whose processor lacks an instruction says so", async () => {
    const server = new ServerProcess(await play("kill -ILL $$"));
    await expect(server.ready()).rejects.toThrow("this processor lacks an instruction");
  });

  test("one that ends while it loads is told with its last words, and one that cannot be started, too", async () => {
    const server = new ServerProcess(await play("echo no such model >&2; exit 3"));
    await expect(server.ready()).rejects.toThrow(/exit 3\): no such model/);
    const missing = new ServerProcess({ ...(await play("")), folder: join(folder, "nowhere") });
    await expect(missing.ready()).rejects.toThrow(/exit 127/);
  });

  test("one that is not ready in time is ended, and what to do is said", async () => {
    const server = new ServerProcess(await play("while :; do sleep 0.1; done"));
    await serverPid();
    const pid = await pidOf();
    await expect(server.ready(200)).rejects.toThrow(/did not load its model within .* STARAI_ENGINE=built-in/);
    await expect.poll(() => lives(pid)).toBe(false);
  });

  test("one that answers nothing about its health is given up, too", async () => {
    const server = new ServerProcess(await play(`echo "listening on http://127.0.0.1:45 "; sleep 60`));
    vi.spyOn(globalThis, "fetch").mockImplementation(
      async (_, init) =>
        await new Promise((_resolve, reject) =>
          init?.signal?.addEventListener("abort", () => reject(new Error("late"))),
        ),
    );
    await expect(server.ready(100)).rejects.toThrow("did not load its model");
    await server.end();
  });

  test("one that does not end when it is asked to is killed", async () => {
    const server = new ServerProcess(await play("trap '' TERM\nwhile :; do sleep 0.1; done"));
    await serverPid();
    await server.end();
    const pid = await pidOf();
    await expect.poll(() => lives(pid)).toBe(false);
  });

  test("it does not outlive the worker, even one that is killed", async () => {
    const options = await play("while :; do sleep 0.1; done");
    const program = join(folder, "worker.ts");
    const url = new URL("server-process.ts", import.meta.url).href;
    await writeFile(
      program,
      `import { ServerProcess } from ${JSON.stringify(url)};\nnew ServerProcess(${JSON.stringify(options)});\n`,
    );
    const tsx = pathToFileURL(createRequire(import.meta.url).resolve("tsx")).href;
    const worker = fork(program, [], { execArgv: ["--import", tsx] });
    await serverPid();
    const pid = await pidOf();
    expect(lives(pid)).toBe(true);
    worker.kill("SIGKILL");
    await expect.poll(() => lives(pid)).toBe(false);
  });

  test("what is left of it ends with it when only its guard is killed", async () => {
    const server = new ServerProcess(await play("while :; do sleep 0.1; done"));
    await serverPid();
    process.kill(server.pid ?? 0, "SIGKILL");
    await server.ended;
    const pid = await pidOf();
    await expect.poll(() => lives(pid)).toBe(false);
  });

  describe("as the head of a group", () => {
    const SERVE = `exec ${process.execPath} -e '
      const server = require("http").createServer((_, response) => response.end());
      server.listen(0, "127.0.0.1", () => console.log("listening on http://127.0.0.1:" + server.address().port + " "));'`;
    test("it is up when its log names every layer server, and its own layers are the first", async () => {
      const server = await headed(`echo "$@" > ${folder}/args; ${using(0)}; ${using(1)}; ${SERVE}`);
      expect(await server.ready()).toMatchObject({ url: expect.stringContaining("http://127.0.0.1:") });
      await server.end();
      const args = await readFile(join(folder, "args"), "utf8");
      expect(args).toMatch(/--rpc 127\.0\.0\.1:5,127\.0\.0\.1:6 --device RPC0,RPC1 --tensor-split 11,10 /);
      expect(args).toContain("--override-tensor ^(output|token_embd)\\.weight=CPU --gpu-layers 21 --fit off");
    });

    test("it is not up when it calls itself healthy without one of them, and it is ended", async () => {
      const server = await headed(`${using(0)}; ${using(0)}; ${SERVE}`);
      await expect(server.ready()).rejects.toThrow("uses 1 of the group's 2 layer servers");
      expect(await server.ended).toContain("SIGKILL");
    });

    test("it is not up when it cannot reach one, whatever it says besides", async () => {
      const server = await headed(`echo "E Failed to connect to 127.0.0.1:6"; ${using(0)}; ${using(1)}; ${SERVE}`);
      await expect(server.ready()).rejects.toThrow(/does not take its part: Failed to connect to 127\.0\.0\.1:6/);
    });

    test("it says which of them had no memory for its layers, also where it ends with other words", async () => {
      const words = "E alloc_tensor_range: failed to allocate RPC1[127.0.0.1:6] buffer of size 788658176";
      const server = await headed(`echo "${words}"; head -c 900 /dev/zero | tr '\\0' x; exit 1`);
      await expect(server.ready()).rejects.toThrow(/failed to allocate RPC1\[127\.0\.0\.1:6\] buffer/);
    });
  });
});
