import { expect, test } from "vitest";
import { joinCommand } from "./join-command.ts";

const pool = "wss://starai.example/pool";

test("where the code's address is known, the command works on a machine that has nothing yet", () => {
  expect(joinCommand({ pool, code: "https://git.example/starai.git" })).toBe(
    "git clone https://git.example/starai.git starai\ncd starai\nSTARAI_POOL_URL=wss://starai.example/pool npm run worker -- start",
  );
});

test("without it nothing is promised: the command is for a copy one has", () => {
  expect(joinCommand({ pool, code: null })).toBe("STARAI_POOL_URL=wss://starai.example/pool npm run worker -- start");
});
