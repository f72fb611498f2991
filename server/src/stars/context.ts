/** What payments in Stars need: rows, books, and the Bot API. */
import type { Base } from "../base.ts";
import type { StarsApi } from "./telegram.ts";

export interface StarsContext extends Pick<Base, "clock" | "db" | "log" | "pg"> {
  /** Null without a bot's token: nobody can pay with Stars. */
  readonly telegram: StarsApi | null;
}
