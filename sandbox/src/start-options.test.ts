import { expect, test } from "vitest";
import { readStartOptions } from "./start-options.ts";

test("npm start takes a limit for models and the consent to fetch llama.cpp's server", () => {
  expect(readStartOptions([])).toEqual({ memory: null, pullEngine: false });
  expect(readStartOptions(["--memory", "700MB", "--pull-engine"])).toEqual({ memory: "700MB", pullEngine: true });
});

test("what is not known or no amount is refused in a sentence", () => {
  expect(() => readStartOptions(["--memory", "700"])).toThrow('--memory "700" is not an amount of memory, such as');
  expect(() => readStartOptions(["--memory"])).toThrow(/npm start takes --memory <amount> and --pull-engine/);
  expect(() => readStartOptions(["now"])).toThrow(/nothing else/);
});
