import { expect, test } from "vitest";
import { loadCatalogue, PLUMBING_MODEL } from "@starai/protocol/catalogue";
import type { SplitModel } from "@starai/protocol/group-layers";
import type { PoolFrame } from "@starai/protocol/worker-frames";
import { ConnectedWorker } from "../connected-worker.ts";
import { NO_HISTORY, WorkerRecord } from "../worker-record.ts";
import { Group } from "./group.ts";

const model = loadCatalogue().get(PLUMBING_MODEL) as SplitModel;
const direct = { addresses: ["192.168.0.7"], port: 4_000 };

/** What the head hears of where its node is, when both connect from these addresses. */
function toldHead(ofHead: string | null, ofNode: string | null) {
  const sent: PoolFrame[] = [];
  const sender = { send: (frame: PoolFrame) => sent.push(frame) > 0, close: () => undefined, hold: () => undefined };
  const machine = (id: string, address: string | null) => {
    const facts = { id, name: id, version: "1", devices: [], askPercent: 100, notes: null, models: [], split: null };
    const connected = new ConnectedWorker({ ...facts, record: new WorkerRecord(NO_HISTORY, 0) }, sender, 0);
    connected.address = address;
    return { connected, person: null };
  };
  const members = [
    { worker: "head", firstLayer: 0, layers: 10 },
    { worker: "node", firstLayer: 10, layers: 20 },
  ];
  const plan = { model, contextTokens: 2_048, slots: 1, kvType: "f16", members } as const;
  const group = new Group(plan, [machine("head", ofHead), machine("node", ofNode)], 0);
  for (const node of group.nodes) node.direct = direct;
  group.send(group.head, 0);
  const [frame] = sent;
  if (frame?.type !== "group" || frame.part.kind !== "head") throw new Error("not a head's part");
  return frame.part.nodes[0]?.direct;
}

test("a head of the same network is told the local addresses of its node", () => {
  expect(toldHead("203.0.113.5", "203.0.113.5")).toEqual(direct);
});

test("a head of another network is not, nor one of which nobody knows where it is", () => {
  expect(toldHead("203.0.113.5", "203.0.113.6")).toBeNull();
  expect(toldHead(null, "203.0.113.5")).toBeNull();
  expect(toldHead(null, null)).toBeNull();
});
