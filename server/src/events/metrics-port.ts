/** `/metrics` for Prometheus, on a port of its own: access to that port is the only permission needed to read it. */
import http from "node:http";
import type { AddressInfo } from "node:net";
import { guarded } from "@starai/protocol/guarded";
import { addGauges } from "./gauges.ts";
import type { Watched } from "./gauges.ts";

const PATH = "/metrics";
/** One collector, its spare, and a person who looks. */
const CONNECTIONS_MAX = 16;

interface Address {
  readonly host: string;
  readonly port: number;
}

export interface MetricsPort {
  readonly url: string;
  close(): Promise<void>;
}

/** @throws when the port is taken */
export async function openMetricsPort(at: Address, ctx: Watched): Promise<MetricsPort> {
  addGauges(ctx);
  const answer = async (request: http.IncomingMessage, response: http.ServerResponse) => {
    const { registry } = ctx.events.metrics;
    const path = request.url?.split("?", 1)[0];
    if (request.method !== "GET" || path !== PATH) return end(response, 404, `GET ${PATH}\n`);
    const text = await registry.metrics();
    response.setHeader("content-type", registry.contentType);
    end(response, 200, text);
  };
  const server = http.createServer(guarded(ctx.events.log, "a look at the metrics", answer, refuse));
  server.maxConnections = CONNECTIONS_MAX;
  await listen(server, at);
  const { port } = server.address() as AddressInfo;
  const host = at.host.includes(":") ? `[${at.host}]` : at.host;
  return {
    url: `http://${host}:${port}${PATH}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function refuse(_request: http.IncomingMessage, response: http.ServerResponse): void {
  end(response, 500, "");
}

function end(response: http.ServerResponse, status: number, text: string): void {
  response.statusCode = status;
  response.end(text);
}

function listen(server: http.Server, { host, port }: Address): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", (error: NodeJS.ErrnoException) => {
      const taken = `The metrics' port ${port} is taken: choose another with STARAI_METRICS_PORT.`;
      reject(error.code === "EADDRINUSE" ? new Error(taken) : error);
    });
    server.listen(port, host, resolve);
  });
}
