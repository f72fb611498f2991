import { expect, test } from "vitest";
import { toolInstructions } from "./tool-step.ts";

const tool = (name: string, rest: object = {}) => ({ type: "function" as const, function: { name, ...rest } });
const weather = { type: "object", properties: { city: { type: "string" } } };
const tools = [tool("weather", { description: "Tells the weather.", parameters: weather }), tool("now")];
const form = { argumentsExample: null, contentExample: null } as Parameters<typeof toolInstructions>[1];

/** The tools the model is told about, as it is told of them. */
function told(toolChoice: Parameters<typeof toolInstructions>[0]["toolChoice"]): unknown[] {
  const lines = toolInstructions({ tools, toolChoice }, form).split("\n");
  const from = lines.indexOf("Functions:") + 1;
  return lines.slice(from, lines.indexOf("", from)).map((line) => JSON.parse(line) as unknown);
}

test("the prompt lists every tool with its schema, and a tool without a schema as one without arguments", () => {
  expect(told("auto")).toEqual([
    { name: "weather", description: "Tells the weather.", parameters: weather },
    { name: "now", parameters: { type: "object", properties: {}, additionalProperties: false } },
  ]);
});

test("if one tool must be called, the prompt lists no other", () => {
  expect(told({ name: "now" })).toEqual([expect.objectContaining({ name: "now" })]);
  expect(toolInstructions({ tools, toolChoice: { name: "now" } }, form)).not.toContain("weather");
});
