/** An in-process simulator with its own clock, for unit tests. */
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import type { ApiResponse } from "@grammyjs/types";
import { onTestFinished } from "vitest";
import { openSimulator } from "../telegram/open-simulator.ts";
import type { Simulator } from "../telegram/open-simulator.ts";

export const TEST_TOKEN = "7000000001:AAtest-token-of-the-simulator-0123456789";

export interface TestSimulator extends Simulator {
  readonly folder: string;
  readonly time: { now: number };
  call<Result = unknown>(method: string, parameters?: object): Promise<ApiResponse<Result>>;
  /** Returns the result. @throws with Telegram's description when the call is refused */
  ok<Result = unknown>(method: string, parameters?: object): Promise<Result>;
  sim(what: string, body: object): Promise<{ status: number; body: Record<string, unknown> }>;
  transcript(chat: number): Promise<{ messages: Record<string, unknown>[]; draft: Record<string, unknown> | null }>;
}

/** A temporary folder, deleted after the test. */
export function testFolder(): string {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), "starai-simulator-"));
  onTestFinished(() => fs.rmSync(folder, { recursive: true, force: true }));
  return folder;
}

export function testSimulator(folder = testFolder()): TestSimulator {
  const time = { now: Date.UTC(2026, 10, 23, 12) };
  const simulator = openSimulator({ folder, token: TEST_TOKEN, clock: () => time.now });
  const test: TestSimulator = {
    ...simulator,
    [Symbol.asyncDispose]: () => simulator[Symbol.asyncDispose](),
    folder,
    time,
    async call<Result>(method: string, parameters: object = {}) {
      const answer = await simulator.routes.request(`/bot${TEST_TOKEN}/${method}`, postOf(parameters));
      return (await answer.json()) as ApiResponse<Result>;
    },
    async ok<Result>(method: string, parameters?: object) {
      const answer = await test.call<Result>(method, parameters);
      if (!answer.ok) throw new Error(answer.description);
      return answer.result;
    },
    async sim(what, body) {
      const answer = await simulator.routes.request(`/sim/${what}`, postOf(body));
      return { status: answer.status, body: (await answer.json()) as Record<string, unknown> };
    },
    async transcript(chat) {
      const answer = await simulator.routes.request(`/sim/transcript?chat=${chat}`);
      return (await answer.json()) as Awaited<ReturnType<TestSimulator["transcript"]>>;
    },
  };
  return test;
}

function postOf(body: object): RequestInit {
  return { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body) };
}
