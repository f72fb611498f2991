import { afterEach, expect, test, vi } from "vitest";
import { openStorage } from "./storage.ts";

afterEach(() => vi.unstubAllGlobals());

const refused = () => {
  throw new DOMException("denied", "SecurityError");
};
const full = { getItem: () => null, setItem: refused, removeItem: () => undefined };

test.each([
  ["reading the property throws", Object.defineProperty({}, "localStorage", { get: refused })],
  ["it is null", { localStorage: null }],
  ["it is missing", {}],
  ["it is full", { localStorage: full }],
  ["reading throws", { localStorage: { getItem: refused, setItem: refused, removeItem: refused } }],
])("where %s, values are kept in memory until the page is closed", (_, window) => {
  vi.stubGlobal("window", window);
  const storage = openStorage("localStorage");
  expect(storage.getItem("a")).toBeNull();
  storage.setItem("a", "1");
  expect(storage.getItem("a")).toBe("1");
  storage.removeItem("a");
  expect(storage.getItem("a")).toBeNull();
  expect(storage.lasts()).toBe(false);
});

test("working storage keeps values, and storage that becomes full does not return the old ones", () => {
  const values = new Map<string, string>();
  let room = true;
  vi.stubGlobal("window", {
    localStorage: {
      getItem: (key: string) => values.get(key) ?? null,
      setItem: (key: string, value: string) => (room ? void values.set(key, value) : refused()),
      removeItem: (key: string) => void values.delete(key),
    },
  });
  const storage = openStorage("localStorage");
  expect(storage.lasts()).toBe(true);
  storage.setItem("a", "1");
  expect(values.get("a")).toBe("1");
  room = false;
  storage.setItem("a", "2");
  expect(storage.getItem("a")).toBe("2");
  expect(storage.lasts()).toBe(false);
});
