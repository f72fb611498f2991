import { expect, test } from "vitest";
import { joinCommand } from "./join-command.ts";

const pool = "wss://starai.example/pool";

test("with the repository's address the command works on a machine without a checkout", () => {
  expect(joinCommand({ pool, code: "https://git.example/starai.git" })).toBe(
    "git clone https://git.example/starai.git starai\ncd starai\nSTARAI_POOL_URL=wss://starai.example/pool npm run worker -- start",
  );
});

test("without the address the command is for an existing checkout", () => {
  expect(joinCommand({ pool, code: null })).toBe("STARAI_POOL_URL=wss://starai.example/pool npm run worker -- start");
});
