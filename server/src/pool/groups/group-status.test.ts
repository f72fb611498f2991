import { expect, test } from "vitest";
import { GROUPS_SHOWN_MAX } from "@starai/protocol/pool-status";
import { loadCatalogue, PLUMBING_MODEL } from "@starai/protocol/catalogue";
import type { SplitModel } from "@starai/protocol/group-layers";
import { ConnectedWorker } from "../connected-worker.ts";
import { NO_HISTORY, WorkerRecord } from "../worker-record.ts";
import { Group } from "./group.ts";
import { groupStatus, shownGroups } from "./group-status.ts";

const model = loadCatalogue().get(PLUMBING_MODEL) as SplitModel;
const line = { send: () => true, close: () => undefined, hold: () => undefined };

const machine = (id: string) => {
  const facts = { id, name: id, version: "1", devices: [], askPercent: 100, notes: null, models: [], split: null };
  return {
    connected: new ConnectedWorker({ ...facts, record: new WorkerRecord(NO_HISTORY, 0) }, line, 0),
    person: null,
  };
};

/** A group that is up, of a head that was measured at this speed, and one node. */
function groupAt(decodeTokensPerS: number | null): Group {
  const machines = [machine("head"), machine("node")];
  const members = [
    { worker: "head", firstLayer: 0, layers: 10 },
    { worker: "node", firstLayer: 10, layers: 20 },
  ];
  const group = new Group({ model, contextTokens: 2_048, slots: 1, kvType: "f16", members }, machines, 0);
  group.phase = "up";
  const tenSeconds = { tokens: (decodeTokensPerS ?? 0) * 10, ms: 10_000 };
  if (decodeTokensPerS !== null) group.head.connected.record.pace(model.id).learn(tenSeconds, tenSeconds, 1);
  return group;
}

test("a group is limited by the way where that takes more than half of a token's time, and by its machines otherwise", () => {
  // Three trips of 20 ms are 60 of the 100 ms that a token takes.
  expect(groupStatus(groupAt(10), 20)).toMatchObject({ decodeTokensPerS: 10, limitedBy: "network" });
  expect(groupStatus(groupAt(10), 16)).toMatchObject({ limitedBy: "machines" });
  expect(groupStatus(groupAt(10), null)).toMatchObject({ limitedBy: "machines" });
});

test("nobody can tell what limits a group before its first answer", () => {
  expect(groupStatus(groupAt(null), 20)).toMatchObject({ decodeTokensPerS: null, limitedBy: null });
});

test("a group that is not up says how far it is and which of its machines it waits for; one that is up waits for none", () => {
  const group = groupAt(null);
  group.phase = "nodes";
  Object.assign(group.nodes[0]!, { state: "preparing", done: 0.5 });
  const waiting = groupStatus(group, null);
  expect(waiting).toMatchObject({ isUp: false, done: 0.25 });
  expect(waiting.members.map(({ isPreparing }) => isPreparing)).toEqual([false, true]);
  group.phase = "up";
  for (const member of group.members) member.state = "ready";
  const up = groupStatus(group, null);
  expect(up).toMatchObject({ isUp: true, done: 1 });
  expect(up.members.map(({ isPreparing }) => isPreparing)).toEqual([false, false]);
});

test("no more groups are shown than fit into a status, and those that are up are among them", () => {
  const formed = Array.from({ length: GROUPS_SHOWN_MAX + 1 }, () => groupAt(null));
  for (const group of formed.slice(0, -1)) group.phase = "nodes";
  const shown = shownGroups(formed);
  expect(shown).toHaveLength(GROUPS_SHOWN_MAX);
  expect(shown[0]).toBe(formed.at(-1));
});
