import { expect, test } from "vitest";
import { joinCommand } from "./join-command.ts";

const pool = "https://starai.example";

test("with the repository's address the command works on a machine without a checkout", () => {
  expect(joinCommand({ pool, code: "https://git.example/starai.git" })).toBe(
    "git clone https://git.example/starai.git starai\ncd starai\nnpm run worker -- start --pool https://starai.example",
  );
});

test("without the address the command is for an existing checkout", () => {
  expect(joinCommand({ pool, code: null })).toBe("npm run worker -- start --pool https://starai.example");
});
