import { expect, test } from "vitest";
import { readLaunch } from "./launch.ts";

const SIGNED = new URLSearchParams({
  user: JSON.stringify({ id: 42, first_name: "Ann", language_code: "ru" }),
  start_param: "t_1",
  hash: "abc",
}).toString();

function kept() {
  const values = new Map<string, string>();
  return {
    getItem: (key: string) => values.get(key) ?? null,
    setItem: (key: string, value: string) => void values.set(key, value),
    removeItem: (key: string) => void values.delete(key),
  };
}

const at = (hash: string, search = "") => ({ hash, search });
const launchWith = (more: Record<string, string>) =>
  at(`#${new URLSearchParams({ tgWebAppData: SIGNED, ...more }).toString()}`);

test.each<Record<string, string>>([
  { tgWebAppThemeParams: '{"x":"none"}' },
  { tgWebAppThemeParams: '{"text_color":""}' },
  { tgWebAppThemeParams: '{"hint_color":"rgba(1,2,3,.5)"}' },
  { tgWebAppThemeParams: '{"bg_color":"red","text_color":"#112233"}' },
  { tgWebAppThemeParams: "not json" },
  { tgWebAppThemeParams: "[1]" },
  { tgWebAppDefaultColors: '{"bg_color":"x"}' },
  { tgWebAppVersion: "", tgWebAppPlatform: "" },
  {},
])("a signed launch is one whatever decorates it: %j", (more) => {
  const launch = readLaunch(launchWith(more), kept());
  expect(launch).toMatchObject({ initData: SIGNED, person: "42", startParam: "t_1", language: "ru" });
  const clean = new URLSearchParams(launch.hash ?? "");
  expect(clean.get("tgWebAppVersion")).toMatch(/^\d/);
  expect(clean.get("tgWebAppPlatform")).not.toBe("");
  for (const name of ["tgWebAppThemeParams", "tgWebAppDefaultColors"])
    for (const colour of Object.values(JSON.parse(clean.get(name) ?? "{}") as object))
      expect(colour).toMatch(/^#[\da-f]{3,8}$/i);
});

test("valid colours stay as they are", () => {
  const theme = { bg_color: "#ABC", text_color: "#11223344", link_color: "#0a0B0c" };
  const { hash } = readLaunch(launchWith({ tgWebAppThemeParams: JSON.stringify(theme) }), kept());
  expect(JSON.parse(new URLSearchParams(hash ?? "").get("tgWebAppThemeParams") ?? "")).toEqual(theme);
});

test("a reload finds the launch again, and unsigned data is not a launch", () => {
  const storage = kept();
  readLaunch(launchWith({}), storage);
  expect(readLaunch(at("#/settings"), storage).initData).toBe(SIGNED);
  expect(readLaunch(at("#/settings"), kept()).initData).toBeNull();
  expect(readLaunch(at("#tgWebAppPlatform=ios&tgWebAppVersion=8.0"), kept())).toMatchObject({
    initData: null,
    hash: null,
  });
});

test("a message's button names the place in the address alone; a link's signed parameter counts before it", () => {
  const unsigned = new URLSearchParams({ tgWebAppData: "user=%7B%22id%22%3A42%7D" });
  const search = "?tgWebAppStartParam=wallet";
  expect(readLaunch(at(`#${unsigned}`, search), kept()).startParam).toBe("wallet");
  expect(readLaunch({ ...launchWith({}), search }, kept()).startParam).toBe("t_1");
  expect(readLaunch(at(`#${unsigned}`), kept()).startParam).toBeNull();
});
