import { expect, test } from "vitest";
import { sharedPrefix } from "./shared-prefix.ts";

test("the examples end with our note that they are not part of the conversation, whichever are shown", () => {
  for (const examples of [0, 4, 12]) {
    const turns = sharedPrefix([], examples);
    expect(turns[0]?.content).toMatch(/^You are StarAI.*made by the StarAI project/);
    expect(turns.at(-1)).toMatchObject({
      role: "system",
      content: expect.stringMatching(/were examples and nobody said them/),
    });
  }
});
