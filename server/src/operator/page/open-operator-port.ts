/** The operator's page on a port of its own, so that nothing of it is where the public is. */
import type { AddressInfo } from "node:net";
import type http from "node:http";
import { createAdaptorServer } from "@hono/node-server";
import type { AppContext } from "../../context.ts";
import { operatorPage } from "./operator-page.ts";

/** An operator and their windows. */
const CONNECTIONS_MAX = 32;

export interface OperatorPort {
  readonly url: string;
  close(): Promise<void>;
}

/** @throws when the port is taken */
export async function openOperatorPort(
  ctx: AppContext,
  { host, port, key }: { readonly host: string; readonly port: number; readonly key: string },
): Promise<OperatorPort> {
  const server = createAdaptorServer({ fetch: operatorPage(ctx, key).fetch }) as http.Server;
  server.maxConnections = CONNECTIONS_MAX;
  await new Promise<void>((resolve, reject) => {
    server.once("error", (error: NodeJS.ErrnoException) => {
      const taken = `The operator's port ${port} is taken: choose another with STARAI_OPERATOR_PORT.`;
      reject(error.code === "EADDRINUSE" ? new Error(taken) : error);
    });
    server.listen(port, host, resolve);
  });
  const { port: opened } = server.address() as AddressInfo;
  return {
    url: `http://${host.includes(":") ? `[${host}]` : host}:${opened}/`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
