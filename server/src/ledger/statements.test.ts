import { expect, test } from "vitest";
import { runInOrder } from "./statements.ts";
import type { Executor, Statement } from "./statements.ts";

/** A connection that answers each statement with its name, a moment later, and notes how many were on their way at once. */
function connection(pipeline: boolean) {
  const seen = { names: [] as string[], atOnce: 0 };
  let underWay = 0;
  const query = async ({ name }: Statement) => {
    seen.names.push(name);
    seen.atOnce = Math.max(seen.atOnce, ++underWay);
    await new Promise((resolve) => setImmediate(resolve));
    underWay--;
    return { rows: [{ name }] };
  };
  return { seen, executor: { query, pipeline } as unknown as Executor };
}

const statement = (name: string): Statement => ({ name, text: "select 1", values: [] });

test.each([
  ["together where the connection allows it", true, 2],
  ["one after the other where it does not", false, 1],
])("statements travel %s, in their order, and one that is not needed has no rows", async (_how, pipeline, atOnce) => {
  const { seen, executor } = connection(pipeline);
  expect(await runInOrder(executor, [statement("a"), null, statement("b")])).toEqual([
    [{ name: "a" }],
    [],
    [{ name: "b" }],
  ]);
  expect(seen).toEqual({ names: ["a", "b"], atOnce });
});
