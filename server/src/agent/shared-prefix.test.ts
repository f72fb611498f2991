import { expect, test } from "vitest";
import { sharedPrefix } from "./shared-prefix.ts";

test("the examples end with a word of ours that nobody said them, whatever is shown", () => {
  for (const examples of [0, 4, 12]) {
    const turns = sharedPrefix([], examples);
    expect(turns[0]?.content).toMatch(/^You are StarAI.*made by the StarAI project/);
    expect(turns.at(-1)).toMatchObject({
      role: "system",
      content: expect.stringMatching(/were examples and nobody said them/),
    });
  }
});
