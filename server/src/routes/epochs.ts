/** Closed epochs and their leaves, for anybody: who has the file can build every proof of it without us. */
import { Readable } from "node:stream";
import { Hono } from "hono";
import { z } from "zod";
import type { AppContext } from "../context.ts";
import { epochFileOf, listEpochs } from "../earnings/list-epochs.ts";
import { parsed } from "./parse.ts";

const Params = z.object({ number: z.coerce.number().int().positive().max(2_147_483_647) });

export function epochRoutes({ db }: AppContext) {
  return new Hono()
    .get("/epochs", async (c) => c.json(await listEpochs(db), 200))
    .get("/epochs/:number", parsed("param", Params), async (c) => {
      const { dataHash, bytes } = await epochFileOf(db, c.req.valid("param").number);
      const headers = { etag: `"${dataHash}"`, "cache-control": "public, max-age=31536000, immutable" };
      if (c.req.header("if-none-match") === headers.etag) return c.body(null, 304, headers);
      const stream = Readable.toWeb(Readable.from(bytes)) as ReadableStream;
      return c.body(stream, 200, { ...headers, "content-type": "text/plain; charset=utf-8" });
    });
}
