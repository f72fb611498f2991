import { expect, test } from "vitest";
import { ROLES, usageOf } from "./command.ts";
import { COMMANDS } from "./commands.ts";
import { helpOf } from "./help.ts";
import { run } from "./run.ts";

const nothing = () => {};

test("HELP has every command once, under its role", () => {
  const help = helpOf(COMMANDS);
  for (const command of COMMANDS) {
    const place = Math.max(help.indexOf(`\n  ${usageOf(command)} `), help.indexOf(`\n  ${usageOf(command)}\n`));
    const headings = ROLES.map((role) => ({ role, at: help.indexOf(`\n\n${role}\n`) })).filter(({ at }) => at < place);
    expect([command.name, headings.at(-1)?.role]).toEqual([command.name, command.role]);
  }
  expect(new Set(COMMANDS.map(({ name }) => name)).size).toBe(COMMANDS.length);
  expect(new Set(COMMANDS.map(({ role }) => role))).toEqual(new Set(ROLES));
});

test("a command with too few or too many arguments is refused with how to type it", async () => {
  for (const { name, takes = [] } of COMMANDS) {
    const words = [name, ...takes, "one more"];
    await expect(run(words, {}, nothing)).rejects.toThrow(`Type it as: npm run ton -- ${usageOf({ name, takes })}`);
  }
  await expect(run(["stake"], {}, nothing)).rejects.toThrow("npm run ton -- stake <amount>");
});

test("an unknown wallet, two ways to print, and an option given twice are refused", async () => {
  await expect(run(["freeze", "--wallet", "v3"], {}, nothing)).rejects.toThrow(/must be w5 or v4, not "v3"/);
  await expect(run(["freeze", "--link", "--dry-run"], {}, nothing)).rejects.toThrow(/--link or --dry-run/);
  const address = `0:${"11".repeat(32)}`;
  const twice = ["--distributor", address, "--distributor", address];
  await expect(run(["freeze", ...twice], {}, nothing)).rejects.toThrow(/Pass --distributor once/);
  await expect(run(["freeze", "--distributor", "UQ"], {}, nothing)).rejects.toThrow(/must be a basechain address/);
  for (const weak of ["0".repeat(64), `01${"0".repeat(62)}`, "zz", "ab"])
    await expect(run(["escrow", "--session-key", weak], {}, nothing)).rejects.toThrow(/for which nobody else can sign/);
});
