import { expect, test } from "vitest";
import { z } from "zod";
import { readEnv } from "./read-env.ts";

const Schema = z.object({
  PORT: z.coerce.number("a port").int("a port").default(80),
  KEY: z.string("needed: the key"),
  NAME: z.string("needed: a name"),
});

test("settings are read into their types, with the defaults of what is not set", () => {
  expect(readEnv(Schema, { KEY: "k", NAME: "n", OTHER: "x" }, "unused")).toEqual({ PORT: 80, KEY: "k", NAME: "n" });
});

test("all faults are reported together, each under its variable's name", () => {
  expect(() => readEnv(Schema, { PORT: "http" }, "The settings have faults")).toThrow(
    new Error("The settings have faults:\n  PORT: a port\n  KEY: needed: the key\n  NAME: needed: a name"),
  );
});
