/** Attempts by somebody who has no rights at all: every attempt is counted, and each one let in is a fault. */
import { createHmac, randomBytes } from "node:crypto";
import http from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { WebSocket } from "ws";
import { POOL_PATH, PROTOCOL } from "@starai/protocol/worker-frames";
import { newKeys } from "@starai/server/testing/scripted-worker";
import { during } from "./hostile-network.ts";
import { BOT_KEY, BOT_TOKEN } from "./keys.ts";
import type { Lab } from "./lab.ts";
import { openSession, postLaunch, signed } from "./launch.ts";
import { PoolSocket } from "./pool-socket.ts";
import { served } from "./served-models.ts";
import { addressOf } from "./wage.ts";
import type { Attack } from "./wage.ts";

const NOBODY = "00000000-0000-4000-8000-000000000000";

/** Routes that require credentials. */
const LOCKED = [
  ["GET", "/v1/models"],
  ["POST", "/v1/chat/completions"],
  ["GET", "/api/updates"],
  ["POST", "/api/messages"],
  ["GET", "/api/mirrors"],
  ["GET", `/api/runs/${NOBODY}`],
  ["GET", "/api/my/threads"],
  ["GET", "/api/my/profile"],
  ["GET", "/api/my/changes"],
  ["GET", `/api/my/runs/${NOBODY}/events`],
  ["DELETE", "/api/my/data"],
] as const;
const CREDENTIALS = ["", "Bearer ", `Bearer ${"a".repeat(64)}`, `Basic ${BOT_KEY}`] as const;

/** Ways out of the folder that /app serves, and into the server's own files. */
const OUTSIDE = ["..", "%2e%2e", "..%2f..", "%2e%2e%5c", "....//", "..;", "%c0%ae%c0%ae"];
const WANTED = ["package.json", "server/src/main.ts", "etc/passwd"];

/** Points of order 1, 2, 4 and 8: each "verifies" something without a secret (RFC 8032, §5.1.7, does not forbid them). */
const SMALL_ORDER = [
  `01${"00".repeat(31)}`,
  `ec${"ff".repeat(30)}7f`,
  "00".repeat(32),
  "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
  "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
];

export const VISITOR_ATTACKS: readonly Attack[] = [
  {
    name: "wrong-credentials",
    finding: "C",
    tried: `${LOCKED.length} locked routes with ${CREDENTIALS.length} invalid credentials`,
    asks: "plain",
    expects: "honest",
    run: (lab, people) => during(people, () => wrongCredentials(lab)),
  },
  {
    name: "forged-sessions",
    finding: "C",
    tried: "8 tokens of sessions that nobody opened",
    asks: "plain",
    expects: "honest",
    run: (lab, people) => during(people, () => forgedSessions(lab)),
  },
  {
    name: "changed-launches",
    finding: "C",
    tried: "a good launch with each of its characters changed once; one launch from 20 devices",
    asks: "plain",
    expects: "honest",
    run: (lab, people) => during(people, () => changedLaunches(lab)),
  },
  {
    name: "somebody-elses-chat",
    finding: "C",
    tried: "another person's session on each route of a conversation and its run",
    asks: "plain",
    expects: "honest",
    run: (lab, people) => during(people, () => somebodyElses(lab)),
  },
  {
    name: "paths-outside",
    finding: "C",
    tried: `${OUTSIDE.length * WANTED.length} paths that lead out of the app's folder`,
    asks: "plain",
    expects: "honest",
    run: (lab, people) => during(people, () => pathsOutside(lab)),
  },
  {
    name: "small-order-keys",
    finding: "C",
    tried: `${SMALL_ORDER.length ** 2} pairs of a key without a secret and a trivial signature`,
    asks: "plain",
    expects: "honest",
    run: (lab, people) => during(people, () => smallOrderKeys(lab)),
  },
  {
    name: "reconnect-storm",
    finding: "C",
    tried: "one key that joins and hangs up for 5 s without a pause",
    asks: "plain",
    expects: "honest",
    run: (lab, people) => during(people, () => reconnectStorm(lab)),
  },
];

async function wrongCredentials(lab: Lab): Promise<string[]> {
  const faults: string[] = [];
  for (const [method, path] of LOCKED)
    for (const authorization of CREDENTIALS) {
      const { status } = await fetch(lab.url + path, {
        method,
        headers: authorization === "" ? {} : { authorization },
      });
      if (status !== 401) faults.push(`${method} ${path} with "${authorization}" was answered ${status}`);
    }
  return faults;
}

async function forgedSessions(lab: Lab): Promise<string[]> {
  const [head = "", claims = "", proof = ""] = (await openSession(lab.url, 700_000)).split(".");
  const { sid } = decoded(claims) as { sid: string };
  const later = encoded({ sid, exp: 4e9 });
  const none = encoded({ alg: "none", typ: "JWT" });
  const forged = [
    `${none}.${claims}.`,
    `${none}.${claims}.${proof}`,
    `${head}.${later}.${proof}`,
    `${head}.${claims}.`,
    withProof(head, later, BOT_TOKEN),
    withProof(head, later, BOT_KEY),
    withProof(encoded({ alg: "HS512", typ: "JWT" }), later, ""),
    withProof(encoded({ alg: "RS256", typ: "JWT" }), later, BOT_TOKEN),
  ];
  return letIn(forged, (token) =>
    fetch(`${lab.url}/api/my/threads`, { headers: { authorization: `Bearer ${token}` } }),
  );
}

const encoded = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString("base64url");
const decoded = (part: string): unknown => JSON.parse(Buffer.from(part, "base64url").toString());

function withProof(head: string, claims: string, secret: string): string {
  return `${head}.${claims}.${createHmac("sha256", secret).update(`${head}.${claims}`).digest("base64url")}`;
}

async function changedLaunches(lab: Lab): Promise<string[]> {
  const user = JSON.stringify({ id: 710_000, first_name: "Ann" });
  const launch = signed({ user, auth_date: String(Math.floor(Date.now() / 1000)), signature: "AA" });
  const changed = Array.from(launch, (character, at) => {
    const other = character === "1" ? "2" : "1";
    return launch.slice(0, at) + other + launch.slice(at + 1);
  });
  const faults = await letIn(changed, (initData) => postLaunch(lab.url, initData));
  const thieves = await Promise.all(Array.from({ length: 20 }, () => postLaunch(lab.url, launch)));
  const sessions = thieves.filter(({ ok }) => ok).length;
  return sessions === 1 ? faults : [...faults, `one launch opened ${sessions} sessions on 20 devices at once`];
}

async function somebodyElses(lab: Lab): Promise<string[]> {
  const [owner, thief] = [await openSession(lab.url, 720_000), await openSession(lab.url, 720_001)];
  const call = (token: string, method: string, path: string, body?: unknown) =>
    fetch(lab.url + path, {
      method,
      headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
  const { id } = (await (await call(owner, "POST", "/api/my/threads")).json()) as { id: string };
  const message = { externalId: randomBytes(8).toString("hex"), text: "Question 1 of seed 80" };
  const sent = await call(owner, "POST", `/api/my/threads/${id}/messages`, message);
  const { run } = (await sent.json()) as { run: string };
  const routes: [string, string, unknown?][] = [
    ["GET", `/api/my/threads/${id}`],
    ["GET", `/api/my/threads/${id}/messages`],
    ["GET", `/api/my/threads/${id}/export?format=json`],
    ["PATCH", `/api/my/threads/${id}`, { title: "mine now" }],
    ["POST", `/api/my/threads/${id}/messages`, { ...message, externalId: "stolen" }],
    ["DELETE", `/api/my/threads/${id}`],
    ["GET", `/api/my/runs/${run}`],
    ["GET", `/api/my/runs/${run}/events`],
    ["POST", `/api/my/runs/${run}/cancel`],
    ["POST", `/api/my/runs/${run}/continue`],
  ];
  return letIn(routes, ([method, path, body]) => call(thief, method, path, body));
}

async function pathsOutside(lab: Lab): Promise<string[]> {
  const paths = OUTSIDE.flatMap((out) => WANTED.map((file) => `/app/${`${out}/`.repeat(8)}${file}`));
  const faults: string[] = [];
  for (const path of paths) {
    const text = await asWritten(lab.url, path);
    if (/root:|"workspaces"|startServer/.test(text)) faults.push(`${path} was served`);
  }
  return faults;
}

/** Requests the path exactly as written; `fetch` would normalise it. */
function asWritten(url: string, path: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const request = http.get({ host: "127.0.0.1", port: new URL(url).port, path }, (response) => {
      let text = "";
      response.setEncoding("utf8").on("data", (chunk: string) => (text += chunk));
      response.on("end", () => resolve(text));
    });
    request.on("error", reject);
  });
}

/** Time in which the server must close a refused connection. */
const REFUSED_MS = 2_000;

async function smallOrderKeys(lab: Lab): Promise<string[]> {
  const pairs = SMALL_ORDER.flatMap((key) => SMALL_ORDER.map((point) => ({ key, signature: point + "00".repeat(32) })));
  const faults: string[] = [];
  for (const { key, signature } of pairs)
    if (await isWelcome(lab.url, key, signature)) faults.push(`key ${key} was let in with signature ${signature}`);
  return faults;
}

function isWelcome(url: string, key: string, signature: string): Promise<boolean> {
  const socket = new WebSocket(url.replace("http", "ws") + POOL_PATH, { localAddress: addressOf(202).from });
  const say = (frame: unknown) => socket.send(JSON.stringify(frame));
  return new Promise((resolve) => {
    const over = (welcome: boolean) => {
      clearTimeout(timer);
      socket.terminate();
      resolve(welcome);
    };
    const timer = setTimeout(() => over(false), REFUSED_MS);
    socket.on("open", () => say({ type: "hello", protocol: PROTOCOL, key }));
    socket.on("message", (data: Buffer) => {
      const { type } = JSON.parse(String(data)) as { type: string };
      if (type === "welcome") over(true);
      if (type !== "challenge") return;
      say({ type: "proof", signature });
      say({ type: "ready", name: "nobody", version: "0", devices: [], models: [], holding: [] });
    });
    socket.on("error", () => over(false));
    socket.on("close", () => over(false));
  });
}

const STORM_MS = 5_000;

async function reconnectStorm(lab: Lab): Promise<string[]> {
  const keys = newKeys();
  const faults = new Set<string>();
  for (const until = performance.now() + STORM_MS; performance.now() < until; await sleep(1)) {
    const parts = { name: "storm", keys, models: [served()], onFrame: () => undefined, onClose: () => undefined };
    const socket = new PoolSocket({ ...parts, ...addressOf(203) });
    await socket.join(lab.url).catch(() => undefined);
    socket.hangUp();
    if (!(await lab.isServing())) faults.add("/healthz was not ok during the storm");
  }
  const [row] = await lab.server.rows<{ rows: string }>("select count(*) as rows from workers where id = $1", [
    keys.key,
  ]);
  if (Number(row?.rows) > 1) faults.add(`one key left ${row?.rows} rows`);
  return [...faults];
}

/** Attempts that were not refused with 401, 403 or 404. */
async function letIn<Try>(tries: readonly Try[], attempt: (one: Try) => Promise<Response>): Promise<string[]> {
  const faults: string[] = [];
  for (const one of tries) {
    const response = await attempt(one);
    await response.body?.cancel();
    if (![401, 403, 404].includes(response.status)) faults.push(`${JSON.stringify(one)}: ${response.status}`);
  }
  return faults;
}
