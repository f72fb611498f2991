/** grammY's client of the simulator in this process: the server starts before it knows its own port. */
import { Api } from "grammy";
import type { Simulator } from "./open-simulator.ts";

export function simulatedTelegram({ routes, telegram }: Simulator): Api {
  const inProcess = (url: string, init: RequestInit) => routes.request(url, init);
  return new Api(telegram.token, { apiRoot: "http://localhost", fetch: inProcess as never });
}
