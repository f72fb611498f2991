/** A person's side of the bot, as they see it in their chat. */
import { expect, test } from "vitest";
import { openBotHouse } from "./bot-house.ts";

test("a message is answered, and the answer carries its steps", async () => {
  await using house = await openBotHouse();
  await house.say(42, "hello");
  const messages = await house.until(42, (all) => all.length === 2);
  expect(messages[1]?.text).toBe("You said: hello");
});
