/** From nothing to a first answer: the served command in an empty home, with npm's own packages and a real engine. */
import { PLUMBING_MODEL } from "@starai/protocol/catalogue";
import { expect, test } from "vitest";
import { createApiKey } from "../gateway/api-keys.ts";
import { createTestDatabase } from "../testing/database.ts";
import { startServerProcess } from "../testing/server-process.ts";
import { firstJobOfAStranger } from "../testing/stranger.ts";

/** It fetches 0.1 GB of packages. */
const isLong = process.env["LONG_TESTS"] === "1";
const LONG_MS = 15 * 60_000;

test.skipIf(!isLong)(
  "a machine that has only Node.js joins with one command and answers",
  async () => {
    await using database = await createTestDatabase();
    await using server = await startServerProcess(database.connection);
    const { key } = await createApiKey(database, "a caller");
    const asked = { url: server.url, key, model: PLUMBING_MODEL };
    const { joinedS, answeredS } = await firstJobOfAStranger(asked, { threads: 1, withinMs: LONG_MS });
    expect(answeredS).toBeGreaterThan(joinedS);
  },
  LONG_MS + 60_000,
);
