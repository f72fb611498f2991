import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { DEFAULT_MODEL, loadCatalogue, SMALL_MODEL } from "@starai/protocol/catalogue";
import { GROUP_NODES_MAX } from "@starai/protocol/split";
import { formGroups, mayHold } from "./form-groups.ts";
import type { GroupPlan, GroupSnapshot, Offer } from "./form-groups.ts";
import { bytesOf } from "@starai/protocol/group-layers";
import type { SplitModel } from "@starai/protocol/group-layers";

const catalogue = loadCatalogue();
const model = catalogue.get(DEFAULT_MODEL) as SplitModel;
const other = catalogue.get(SMALL_MODEL) as SplitModel;
const BUILD = "b".repeat(64);

/** A machine of ann's that holds the file and about half of the model. */
function offer(worker: string, over: Partial<Offer> = {}): Offer {
  const files = [model.sha256, other.sha256];
  const owner = { person: "ann", isTrusted: false, serves: "own" } as const;
  return { worker, ...owner, build: BUILD, memoryBytes: 800e6, wants: null, files, ...over };
}

const five = (memoryBytes: number) =>
  [wanting("a"), offer("b"), offer("c"), offer("d"), offer("e")].map((one) => ({ ...one, memoryBytes }));
const wanting = (worker: string, over: Partial<Offer> = {}) => offer(worker, { wants: model.id, ...over });

function snapshot(offers: readonly Offer[], over: Partial<GroupSnapshot> = {}): GroupSnapshot {
  return { now: 0, offers, catalogue, servedAlone: new Set(), groups: [], bars: [], ...over };
}

const formed = (offers: readonly Offer[], over: Partial<GroupSnapshot> = {}) => formGroups(snapshot(offers, over));
const workersOf = ({ members }: GroupPlan) => members.map(({ worker }) => worker);

describe("a model that an owner wants", () => {
  test("is served by a head that wants it and the fewest of its machines that hold the rest", () => {
    const [group, ...more] = formed([wanting("a"), offer("b"), offer("c")]);
    expect(more).toEqual([]);
    expect(group).toMatchObject({ model: { id: model.id }, kvType: "f16" });
    expect(workersOf(group!)).toEqual(["a", "b"]);
    expect(group!.members[0]!.firstLayer).toBe(0);
  });

  test("takes a third and a fourth machine where two are too small, and is not served where four are", () => {
    expect(formed(five(560e6)).map(workersOf)).toEqual([["a", "b", "c"]]);
    expect(formed(five(480e6)).map(workersOf)).toEqual([["a", "b", "c", "d"]]);
    expect(formed(five(380e6))).toEqual([]);
  });

  test("is not formed into a group where a machine serves it alone or a group of that owner does", () => {
    const machines = [wanting("a"), offer("b")];
    expect(formed(machines, { servedAlone: new Set([model.id]) })).toEqual([]);
    expect(formed(machines, { groups: [{ model: model.id, person: "ann", workers: ["x", "y"] }] })).toEqual([]);
    expect(formed(machines, { groups: [{ model: model.id, person: "bob", workers: ["x", "y"] }] })).toHaveLength(1);
  });

  test("is led by the one with most memory of those that have its file, and by none without it", () => {
    const small = wanting("a", { memoryBytes: 700e6 });
    const large = wanting("b", { memoryBytes: 900e6 });
    expect(formed([small, large]).map(workersOf)).toEqual([["b", "a"]]);
    expect(formed([small, { ...large, files: [] }]).map(workersOf)).toEqual([["a", "b"]]);
    expect(formed([wanting("a", { files: [] }), offer("b")])).toEqual([]);
  });

  test("is nobody's wish where the catalogue does not know it or how it is split", () => {
    const unknown = offer("a", { wants: "no-such-model" });
    const { shape: _, ...whole } = model;
    expect(formed([unknown, offer("b")])).toEqual([]);
    expect(formed([wanting("a"), offer("b")], { catalogue: new Map([[model.id, whole]]) })).toEqual([]);
  });

  test("has more context and slots where there is memory for them, and the least where there is not", () => {
    const large = formed([wanting("a", { memoryBytes: 4e9 }), offer("b", { memoryBytes: 4e9 })]);
    expect(large).toMatchObject([{ contextTokens: 8_192, slots: 4 }]);
    const small = formed([wanting("a", { memoryBytes: 760e6 }), offer("b", { memoryBytes: 760e6 })]);
    expect(small).toMatchObject([{ contextTokens: 4_096, slots: 1 }]);
    const least = formed([wanting("a", { memoryBytes: 700e6 }), offer("b", { memoryBytes: 700e6 })]);
    expect(least).toMatchObject([{ contextTokens: 2_048, slots: 1 }]);
  });
});

describe("a node", () => {
  test("is one that has the file before one that fetches it, whatever their memory", () => {
    const fetching = offer("b", { files: [], memoryBytes: 900e6 });
    expect(formed([wanting("a"), fetching, offer("c")]).map(workersOf)).toEqual([["a", "c"]]);
    expect(formed([wanting("a"), fetching]).map(workersOf)).toEqual([["a", "b"]]);
  });

  test("is a stranger's only where both owners lend to the pool and the head is trusted, and then after the owner's own", () => {
    const strangers = offer("b", { person: "bob", serves: "pool", memoryBytes: 900e6 });
    expect(formed([wanting("a"), strangers])).toEqual([]);
    const trusted = wanting("a", { isTrusted: true, serves: "pool" });
    expect(formed([trusted, { ...strangers, serves: "own" }])).toEqual([]);
    expect(formed([{ ...trusted, serves: "own" }, strangers])).toEqual([]);
    expect(formed([trusted, strangers]).map(workersOf)).toEqual([["a", "b"]]);
    expect(formed([trusted, strangers, offer("c")]).map(workersOf)).toEqual([["a", "c"]]);
  });

  test("that is nobody's is not the own of a head that is nobody's", () => {
    expect(formed([wanting("a", { person: null }), offer("b", { person: null })])).toEqual([]);
  });

  test("carries the head's build", () => {
    expect(formed([wanting("a"), offer("b", { build: "c".repeat(64) })])).toEqual([]);
  });

  test("is in one group: of two owners that want it, one gets it", () => {
    const strangers = offer("n", { person: "cleo", serves: "pool", memoryBytes: 900e6 });
    const trusted = { isTrusted: true, serves: "pool" } as const;
    const heads = [wanting("a", trusted), wanting("b", { ...trusted, person: "bob" })];
    const groups = formed([...heads, strangers]);
    expect(groups.map(workersOf)).toEqual([["a", "n"]]);
    const taken = [{ model: model.id, person: "ann", workers: ["a", "n"] }];
    expect(formed([...heads, strangers], { groups: taken })).toEqual([]);
  });

  test("is not taken while it is barred, by nobody or by this head alone, and is once that is over", () => {
    const machines = [wanting("a"), offer("b")];
    const bar = { worker: "b", head: null, until: 10 };
    expect(formed(machines, { bars: [bar], now: 9 })).toEqual([]);
    expect(formed(machines, { bars: [bar], now: 10 })).toHaveLength(1);
    expect(formed(machines, { bars: [{ ...bar, head: "a" }] })).toEqual([]);
    expect(formed(machines, { bars: [{ ...bar, head: "x" }] })).toHaveLength(1);
  });
});

const anyOffer = fc.record({
  person: fc.constantFrom(null, "ann", "ann", "bob"),
  isTrusted: fc.boolean(),
  serves: fc.constantFrom("own" as const, "pool" as const),
  build: fc.constantFrom(BUILD, BUILD, BUILD, "c".repeat(64)),
  memoryBytes: fc.oneof(fc.integer({ min: 0, max: 2e9 }), fc.integer({ min: 300e6, max: 900e6 })),
  wants: fc.constantFrom(null, null, model.id, model.id, other.id, "no-such-model"),
  files: fc.subarray([model.sha256, other.sha256]),
});
const anyOffers = fc
  .array(anyOffer, { maxLength: 12 })
  .map((offers) => offers.map((one, place): Offer => ({ ...one, worker: `w${place}` })));
const anyBars = fc.array(
  fc.record({
    worker: fc.integer({ min: 0, max: 11 }).map((place) => `w${place}`),
    head: fc.option(fc.integer({ min: 0, max: 11 }).map((place) => `w${place}`)),
    until: fc.integer({ min: 0, max: 2 }),
  }),
  { maxLength: 4 },
);

test("whatever is offered: parts fit, layers add up, nobody is taken twice, and only whom they may speak to", () => {
  let seen = 0;
  fc.assert(
    fc.property(anyOffers, anyBars, (offers, bars) => {
      const groups = formed(offers, { bars, now: 1 });
      const by = new Map(offers.map((one) => [one.worker, one]));
      const all = groups.flatMap(workersOf);
      expect(new Set(all).size).toBe(all.length);
      const wishes = groups.map((group) => `${group.model.id} ${by.get(group.members[0]!.worker)!.person}`);
      expect(new Set(wishes).size).toBe(wishes.length);
      for (const { members, model: served, ...room } of groups) {
        seen++;
        const [head, ...nodes] = members.map(({ worker }) => by.get(worker)!);
        expect(nodes.length).toBeGreaterThan(0);
        expect(nodes.length).toBeLessThanOrEqual(GROUP_NODES_MAX);
        expect(head).toMatchObject({ wants: served.id, files: expect.arrayContaining([served.sha256]) as string[] });
        for (const node of nodes) expect(mayHold(head!, node)).toBe(true);
        expect(new Set([head, ...nodes].map((one) => one!.build)).size).toBe(1);
        let next = 0;
        for (const [place, { worker, firstLayer, layers }] of members.entries()) {
          expect(firstLayer).toBe(next);
          expect(layers).toBeGreaterThan(0);
          next += layers;
          const part = { layers, holdsOutput: place === 0 };
          expect(bytesOf(served, part, room)).toBeLessThanOrEqual(by.get(worker)!.memoryBytes);
        }
        expect(next).toBe(served.shape.layers);
        const inForce = bars.filter(({ until }) => until > 1);
        for (const { worker, head: barredBy } of inForce)
          expect(members.slice(barredBy === null ? 0 : 1).some((one) => one.worker === worker)).toBe(
            barredBy !== null && barredBy !== head!.worker && nodes.some((one) => one.worker === worker),
          );
      }
    }),
  );
  expect(seen).toBeGreaterThan(0);
});

test("the same machines form the same groups, in whatever order they are told", () => {
  fc.assert(
    fc.property(
      anyOffers.chain((offers) =>
        fc.tuple(fc.constant(offers), fc.shuffledSubarray(offers, { minLength: offers.length })),
      ),
      ([offers, shuffled]) => {
        expect(formed(shuffled)).toEqual(formed(offers));
      },
    ),
  );
});
