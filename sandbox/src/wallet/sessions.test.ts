import path from "node:path";
import { expect, test } from "vitest";
import { testFolder } from "../testing/simulator.ts";
import { Sessions } from "./sessions.ts";

const sessionOf = (n: number) => ({
  id: n.toString(16).padStart(64, "0"),
  bridge: null,
  appName: "App",
  domain: "127.0.0.1:8080",
  account: `0:${"11".repeat(32)}`,
  network: "-217",
});

test("connections are kept over a restart, and a page beyond the bound pushes out the oldest", () => {
  const file = path.join(testFolder(), "sessions.json");
  const sessions = new Sessions(file);
  for (let n = 1; n <= 51; n++) sessions.add(sessionOf(n));
  expect(sessions.remove(sessionOf(7).id)).toEqual(sessionOf(7));
  expect(sessions.remove(sessionOf(7).id)).toBeNull();
  const again = new Sessions(file);
  expect(again.all).toHaveLength(49);
  expect(again.find(sessionOf(1).id)).toBeNull();
  expect(again.find(sessionOf(51).id)).toEqual(sessionOf(51));
});
