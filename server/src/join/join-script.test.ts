/** The script of `/join` in real shells: what it fetches, what it refuses, and what it leaves. */
import { execFileSync } from "node:child_process";
import { readFile, rm } from "node:fs/promises";
import path from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { Machine, makeCheckout, serveCheckout, write } from "../testing/join.ts";
import { poolOriginOf } from "./join-script.ts";

const SHELLS = ["sh", "dash", "bash"].filter(isHere);
/** What the script calls, and the `npm` that it asks for. */
const TOOLS = ["node", "npm", "tar", "mktemp", "mkdir", "mv", "rm"];
const FOLDERS = ["starai", ".local", ".local/share", ".local/share/starai"];

let root: string;
beforeAll(async () => {
  root = await makeCheckout({ isGit: true });
});
afterAll(() => rm(root, { recursive: true, force: true }));

/** A tool that leaves a trace and does nothing else. */
function leavingTrace(name: string) {
  return { name, text: `#!/bin/sh\n: >"$HOME/ran-${name}"\n` };
}

function isHere(tool: string): boolean {
  try {
    execFileSync("sh", ["-c", 'command -v "$1"', "sh", tool]);
    return true;
  } catch {
    return false;
  }
}

test.each(SHELLS)(
  "%s reads it, and one command joins: the worker runs in its own folder, for this pool",
  async (shell) => {
    await using pool = await serveCheckout(root);
    await using machine = await Machine.make([...TOOLS, "curl"]);
    const script = await pool.script();
    execFileSync(shell, ["-n"], { input: script });
    const { code, out, err } = await machine.pipe(script, [], shell);
    expect({ code, err }).toMatchObject({ code: 0, err: expect.stringContaining("the worker is in") as string });
    const { words, pool: named, command, folder } = JSON.parse(out) as Record<string, string>;
    expect({ words, named }).toEqual({ words: ["worker", "start"], named: pool.url });
    expect(command).toBe(`curl -fsS ${pool.url}/join | sh -s --`);
    expect(folder).toMatch(/\/home\/\.local\/share\/starai\/[0-9a-f]{12}$/);
  },
);

test("words with quotes, spaces, stars and line ends reach the worker as they are, and a command of its own does", async () => {
  await using pool = await serveCheckout(root);
  await using machine = await Machine.make([...TOOLS, "curl"]);
  const words = ["--name", `it's "mine"`, "a  b", "*", "$(touch owned)", "`id`", "", "line\nend", "-x=\\'"];
  const joined = await machine.pipe(await pool.script(), words);
  expect(JSON.parse(joined.out)).toMatchObject({ words: ["worker", "start", ...words] });
  const asked = await machine.pipe(await pool.script(), ["pull", "smollm2-135m"]);
  expect(JSON.parse(asked.out)).toMatchObject({ words: ["worker", "pull", "smollm2-135m"] });
});

test("a second run fetches nothing; after the pool has another version it fetches that, and says where the older one is", async () => {
  const own = await makeCheckout({ isGit: false });
  await using machine = await Machine.make([...TOOLS, "curl"]);
  {
    await using pool = await serveCheckout(own);
    for (let at = 0; at < 2; at++) expect((await machine.pipe(await pool.script())).code).toBe(0);
    expect(pool.asked.filter((one) => one !== "/join")).toHaveLength(1);
  }
  await write(own, "worker/src/main.ts", "export {}; // newer\n");
  await using pool = await serveCheckout(own);
  const { code, err } = await machine.pipe(await pool.script());
  expect(code).toBe(0);
  expect(err).toMatch(/an older copy.*starai\/[0-9a-f]{12}\n/);
  expect(pool.asked).toHaveLength(2);
  await rm(own, { recursive: true });
});

test.skipIf(!isHere("wget"))("wget does where curl is not", async () => {
  await using pool = await serveCheckout(root);
  await using machine = await Machine.make([...TOOLS, "wget"]);
  const { code, out } = await machine.pipe(await pool.script());
  expect(code).toBe(0);
  // The worker names what works there.
  expect(JSON.parse(out)).toMatchObject({ command: `wget -qO- ${pool.url}/join | sh -s --` });
});

test("without curl and wget, without node or npm, or with an old node, a sentence says what to get", async () => {
  await using pool = await serveCheckout(root);
  const script = await pool.script();
  const old = { name: "node", text: `#!/bin/sh\n[ "$1" = --version ] && echo v18.20.0 && exit\nexit 1\n` };
  for (const [tools, words] of [
    [TOOLS, "curl or wget"],
    [[...TOOLS.slice(1), "curl"], "nodejs.org"],
    [[...TOOLS.slice(1), "curl", old], "this is v18.20.0"],
    [[...TOOLS.filter((tool) => tool !== "npm"), "curl"], "needs npm"],
  ] as const) {
    await using machine = await Machine.make(tools);
    const { code, err } = await machine.pipe(script);
    expect({ code, err }).toEqual({ code: 1, err: expect.stringContaining(words) as string });
    expect(await machine.left()).toEqual([]);
  }
});

test("it asks for the Node.js that the worker needs", async () => {
  const { engines } = JSON.parse(
    await readFile(path.resolve(import.meta.dirname, "../../../package.json"), "utf8"),
  ) as { engines: { node: string } };
  expect(engines.node).toBe(">=20.19");
  for (const name of ["join.sh", "join.ps1"])
    expect(await readFile(path.join(import.meta.dirname, name), "utf8")).toContain("Node.js 20.19 or newer");
});

test("bytes that are not what the script names are refused in a sentence, and nothing is left", async () => {
  for (const spoil of [
    (bytes: Uint8Array) => bytes.with(bytes.length >> 1, bytes[bytes.length >> 1]! ^ 1),
    (bytes: Uint8Array) => bytes.subarray(0, -512),
    () => new Uint8Array(),
  ]) {
    await using pool = await serveCheckout(root, spoil);
    await using machine = await Machine.make([...TOOLS, "curl"]);
    const { code, out, err } = await machine.pipe(await pool.script());
    expect({ code, out, err }).toEqual({
      code: 1,
      out: "",
      err: expect.stringContaining("Nothing was installed") as string,
    });
    expect(await machine.left()).toEqual([]);
  }
});

test("a pool that is gone, and a disk that takes nothing, leave nothing half done", async () => {
  const pool = await serveCheckout(root);
  const script = await pool.script();
  const full = { name: "tar", text: "#!/bin/sh\necho 'No space left on device' >&2\nexit 2\n" };
  await using narrow = await Machine.make([...TOOLS.filter((tool) => tool !== "tar"), "curl", full]);
  expect((await narrow.pipe(script)).code).not.toBe(0);
  expect((await narrow.left()).filter((one) => !FOLDERS.includes(one))).toEqual([]);
  await pool[Symbol.asyncDispose]();
  await using machine = await Machine.make([...TOOLS, "curl"]);
  const { code, err } = await machine.pipe(script);
  expect({ code, err }).toEqual({ code: 1, err: expect.stringContaining("cannot be fetched") as string });
  expect(await machine.left()).toEqual([]);
});

test.each(SHELLS)("cut off anywhere, it does nothing in %s", async (shell) => {
  await using pool = await serveCheckout(root);
  const script = (await pool.script()).trimEnd();
  await using machine = await Machine.make([...TOOLS, "curl"].map(leavingTrace));
  const ends = Array.from({ length: script.length }, (_, at) => at).filter(
    (at) => at % 61 === 0 || at > script.length - 30,
  );
  for (const end of ends) {
    const { out } = await machine.pipe(script.slice(0, end), [], shell);
    expect({ end, out, left: await machine.left() }).toEqual({ end, out: "", left: [] });
  }
  // The whole one does run.
  await machine.pipe(script, [], shell);
  expect(await machine.left()).not.toEqual([]);
});

test("a pool's address is an origin without any sign that a shell reads", () => {
  expect(poolOriginOf("https://pool.example/join?x=1")).toBe("https://pool.example");
  expect(poolOriginOf("http://[::1]:8080/")).toBe("http://[::1]:8080");
  expect(poolOriginOf("http://star_ai:8080/join")).toBe("http://star_ai:8080");
  for (const host of ["$(id)", "a'b", "a`b`", "a;b", "a&b", 'a"b', "a!b", "a(b)", "a{b}", "a*b", "%00", "a b"])
    expect({ host, origin: poolOriginOf(`http://${host}/join`) }).toEqual({ host, origin: null });
  for (const other of ["ftp://pool.example", "file:///etc/passwd", "javascript:1", "pool.example", "data:,x"])
    expect(poolOriginOf(other)).toBeNull();
});
