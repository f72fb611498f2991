/** Closed epochs and their files, for anybody. */
import { and, desc, eq, isNotNull } from "drizzle-orm";
import type { EpochView } from "@starai/protocol/contributor";
import type { Executor } from "../db/executor.ts";
import { epochs } from "../db/schema.ts";
import { Refusal } from "../errors.ts";
import { readEpochFile } from "./epoch-file.ts";

const LISTED_MAX = 50;

/** The newest first; one whose file is not stored yet is not among them. */
export async function listEpochs(db: Executor): Promise<EpochView[]> {
  const rows = await db
    .select()
    .from(epochs)
    .where(isNotNull(epochs.root))
    .orderBy(desc(epochs.number))
    .limit(LISTED_MAX);
  return rows.flatMap(({ number, state, recordedAt, activeAt, root, dataHash, leaves, total }) => {
    // One that is still closing has no root.
    if (state === "closing") return [];
    const [closed, active] = [recordedAt.toISOString(), activeAt?.toISOString() ?? null];
    const [rootHex, hashHex] = [root!.toString("hex"), dataHash!.toString("hex")];
    return {
      number,
      state,
      closedAt: closed,
      activeAt: active,
      root: rootHex,
      dataHash: hashHex,
      leaves,
      total: String(total),
    };
  });
}

/** The file's SHA-256 in hex, and its bytes part by part. @throws Refusal `not_found` */
export async function epochFileOf(
  db: Executor,
  number: number,
): Promise<{ dataHash: string; bytes: AsyncGenerator<Buffer> }> {
  const [row] = await db
    .select({ dataHash: epochs.dataHash })
    .from(epochs)
    .where(and(eq(epochs.number, number), isNotNull(epochs.dataHash)));
  if (row === undefined)
    throw new Refusal("not_found", `There is no file of epoch ${number} here: GET /epochs lists them.`);
  return { dataHash: row.dataHash!.toString("hex"), bytes: readEpochFile(db, number) };
}
