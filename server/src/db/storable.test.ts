import { getTableColumns, sql } from "drizzle-orm";
import { PgCustomColumn, PgTable, getTableConfig } from "drizzle-orm/pg-core";
import type { PgColumn } from "drizzle-orm/pg-core";
import * as fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import * as schema from "./schema.ts";
import { storable, toStorableJson } from "./storable.ts";
import { createTestDatabase } from "../testing/database.ts";

/** Every character there is, and often those PostgreSQL cannot keep or JSON escapes. */
const odd = fc.constantFrom(
  "\0",
  "\ud800",
  "\udfff",
  "\ud83d",
  "\ude00",
  "😀",
  "\\",
  "\\u0000",
  "u0000",
  "\\ud800",
  '"',
);
const anyText = fc
  .array(fc.oneof(odd, fc.string({ unit: "binary", maxLength: 3 })), { maxLength: 8 })
  .map((parts) => parts.join(""));
const anyJson = fc.oneof(
  fc.jsonValue({ stringUnit: "binary" }),
  fc.dictionary(anyText, fc.oneof(anyText, fc.array(anyText)), { noNullPrototype: true }),
  anyText,
);

describe("storable text", () => {
  test("is as long as the text, whole, and the same where nothing was wrong", () => {
    fc.assert(
      fc.property(anyText, (text) => {
        const kept = storable(text);
        expect(kept).toHaveLength(text.length);
        expect(kept.isWellFormed() && !kept.includes("\0")).toBe(true);
        expect(kept === text).toBe(text.isWellFormed() && !text.includes("\0"));
        expect(storable(kept)).toBe(kept);
      }),
      { numRuns: 500 },
    );
  });

  test("inside JSON is what its strings and keys are as text", () => {
    fc.assert(
      fc.property(anyText, anyText, (key, text) => {
        const kept: unknown = JSON.parse(toStorableJson([text, { [`k${key}`]: [text] }]));
        expect(kept).toEqual([storable(text), { [`k${storable(key)}`]: [storable(text)] }]);
      }),
      { numRuns: 500 },
    );
  });
});

const tables = Object.values(schema).filter((value) => value instanceof PgTable);

test("every column of text or JSON keeps its words storable", () => {
  const columns = tables.flatMap((table) => getTableConfig(table).columns);
  const wordy = columns.filter((column) =>
    ["text", "jsonb", "json", "varchar"].some((type) => column.getSQLType().startsWith(type)),
  );
  expect(wordy.length).toBeGreaterThan(30);
  expect(wordy.filter((column) => !(column instanceof PgCustomColumn)).map(({ name }) => name)).toEqual([]);
});

describe("whatever is written into", () => {
  let database: Awaited<ReturnType<typeof createTestDatabase>>;
  beforeAll(async () => {
    database = await createTestDatabase();
  });
  afterAll(() => database[Symbol.asyncDispose]());

  test.each(tables.map((table) => ({ name: getTableConfig(table).name, table })))(
    "$name is stored, and comes back storable",
    async ({ table }) => {
      expect.hasAssertions();
      await fc.assert(
        fc.asyncProperty(rowOf(table), async (row) => {
          const written = await write(row, table);
          expect(wordsOf(written, table)).toEqual(storableWordsOf(row, table));
        }),
        { numRuns: 60 },
      );
    },
  );

  /** Alone in its transaction, which is undone; rows it would refer to need not be there. */
  async function write(row: Record<string, unknown>, table: PgTable): Promise<Record<string, unknown> | undefined> {
    return await database.db
      .transaction(async (tx) => {
        await tx.execute(sql`set local session_replication_role = replica`);
        const [written] = await tx
          .insert(table)
          .values(row as never)
          .returning();
        throw new Written(written);
      })
      .catch((error: unknown) => {
        if (error instanceof Written) return error.row;
        throw error;
      });
  }
});

class Written extends Error {
  readonly row: Record<string, unknown> | undefined;
  constructor(row: Record<string, unknown> | undefined) {
    super("undo");
    this.row = row;
  }
}

function wordsOf(row: Record<string, unknown> | undefined, table: PgTable): [string, unknown][] {
  return columnsOfWords(table).map(([key]) => [key, row?.[key]]);
}

function storableWordsOf(row: Record<string, unknown>, table: PgTable): [string, unknown][] {
  return columnsOfWords(table).map(([key, type]) => {
    const value = row[key];
    return [key, type === "jsonb" ? (JSON.parse(toStorableJson(value)) as unknown) : storable(String(value))];
  });
}

function columnsOfWords(table: PgTable): [key: string, type: string][] {
  const columns = Object.entries(getTableColumns(table)).map(([key, column]): [string, string] => [
    key,
    column.getSQLType(),
  ]);
  return columns.filter(([, type]) => type === "text" || type === "jsonb");
}

/** What a row's own checks ask of its other columns. */
const WITH: Record<string, Record<string, unknown>> = {
  bills: { closedAt: new Date(0) },
  free_budgets: { cap: 9n },
  outgoing: { batch: "00000000-0000-4000-8000-000000000000" },
  escrows: { bookedRound: 1 },
  vouchers: { signature: Buffer.alloc(64) },
  settlements: { endedAt: new Date(0) },
};

/** Hostile text in each text column; in the others any valid value. */
function rowOf(table: PgTable): fc.Arbitrary<Record<string, unknown>> {
  const columns = Object.entries(getTableColumns(table));
  const values = columns.map(([key, column], at) => [key, valueOf(column, at)] as const);
  return fc
    .record(Object.fromEntries(values.filter(([, value]) => value !== null)) as Record<string, fc.Arbitrary<unknown>>)
    .map((row) => ({ ...row, ...WITH[getTableConfig(table).name] }));
}

/** @param at  the column's place: no two numbers of a row are equal, as no two sides of a posting are */
function valueOf(column: PgColumn, at: number): fc.Arbitrary<unknown> | null {
  const type = column.getSQLType();
  if (type === "text") return anyText;
  if (type === "jsonb") return anyJson.filter((value) => value !== null);
  if (column.hasDefault || !column.notNull) return null;
  if (type === "uuid") return fc.uuid();
  if (type.startsWith("timestamp")) return fc.constant(new Date(0));
  if (type === "date") return fc.constant("1970-01-01");
  if (type === "bytea") return fc.uint8Array().map((bytes) => Buffer.from(bytes));
  if (type === "boolean") return fc.boolean();
  if (column.enumValues) return fc.constantFrom(...column.enumValues);
  return fc.constant(at + 1);
}
