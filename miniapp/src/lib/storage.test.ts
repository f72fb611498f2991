import { afterEach, expect, test, vi } from "vitest";
import { openStorage } from "./storage.ts";

afterEach(() => vi.unstubAllGlobals());

const refused = () => {
  throw new DOMException("denied", "SecurityError");
};
const full = { getItem: () => null, setItem: refused, removeItem: () => undefined };

test.each([
  ["asking for it throws", Object.defineProperty({}, "localStorage", { get: refused })],
  ["it is null", { localStorage: null }],
  ["it is missing", {}],
  ["it is full", { localStorage: full }],
  ["reading throws", { localStorage: { getItem: refused, setItem: refused, removeItem: refused } }],
])("where %s, what was kept is in memory and goes with the page", (_, window) => {
  vi.stubGlobal("window", window);
  const storage = openStorage("localStorage");
  expect(storage.getItem("a")).toBeNull();
  storage.setItem("a", "1");
  expect(storage.getItem("a")).toBe("1");
  storage.removeItem("a");
  expect(storage.getItem("a")).toBeNull();
  expect(storage.lasts()).toBe(false);
});

test("a storage that works keeps it, and one that becomes full does not give back what was there before", () => {
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
