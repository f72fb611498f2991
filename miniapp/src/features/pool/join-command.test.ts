import { expect, test } from "vitest";
import { joinCommands } from "./join-command.ts";

test("the commands name this pool and nothing that has to be there before", () => {
  expect(joinCommands("https://starai.example")).toEqual({
    terminal: "curl -fsS https://starai.example/join | sh",
    powershell: "irm https://starai.example/join.ps1 | iex",
  });
});
