import * as fc from "fast-check";
import { expect, test } from "vitest";
import { WholeCharacters } from "./whole-characters.ts";

/** A tokeniser with one token per byte: the worst case for multi-byte characters. */
const decode = (tokens: readonly number[]) => Buffer.from(tokens).toString("utf8");
const bytesOf = (text: string) => [...Buffer.from(text)];

/** Any characters except the replacement character. */
const texts = (minLength = 0) => fc.string({ unit: "binary", minLength }).filter((text) => !text.includes("\uFFFD"));

function feed(characters: WholeCharacters, tokens: readonly number[]) {
  const outputs = tokens.map((token) => characters.push(token)).filter((output) => output !== null);
  return {
    parts: outputs,
    text: outputs.map(({ text }) => text).join(""),
    tokens: outputs.flatMap((output) => output.tokens),
  };
}

test("any text is emitted completely, in whole characters that match their tokens", () => {
  fc.assert(
    fc.property(texts(), (text) => {
      const outputs = feed(new WholeCharacters(decode), bytesOf(text));
      expect(outputs.text).toBe(text);
      expect(outputs.tokens).toEqual(bytesOf(text));
      expect(outputs.parts.map((part) => part.text)).toEqual(outputs.parts.map((part) => decode(part.tokens)));
    }),
  );
});

test("invalid bytes are emitted as replacement characters and do not block the rest", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => {
      const tail = bytesOf(" end of it");
      const { text, tokens } = feed(new WholeCharacters(decode), [...bytes, ...tail]);
      expect(tokens).toEqual([...bytes, ...tail]);
      expect(text).toBe(decode(tokens));
    }),
  );
});

test("an answer goes on after a committed part that ends inside a character, without repeating its ids", () => {
  fc.assert(
    fc.property(texts(1), fc.nat(), (text, at) => {
      const bytes = bytesOf(text);
      const cut = at % (bytes.length + 1);
      const { tokens } = feed(new WholeCharacters(decode, bytes.slice(0, cut)), bytes.slice(cut));
      expect(tokens).toEqual(bytes.slice(cut));
    }),
  );
});

test("a committed part that ends in invalid bytes is not emitted again with the text after it", () => {
  const broken = [0xff, 0xff, 0xff, 0xff, 0xff, 0xff];
  const characters = new WholeCharacters(decode, broken);
  expect(feed(characters, bytesOf("and on"))).toMatchObject({ text: "and on", tokens: bytesOf("and on") });
});

test("nothing is emitted while a character is incomplete", () => {
  const characters = new WholeCharacters(decode);
  const [first, second, third, fourth] = bytesOf("😀") as [number, number, number, number];
  expect([first, second, third].map((token) => characters.push(token))).toEqual([null, null, null]);
  expect(characters.push(fourth)).toEqual({ tokens: bytesOf("😀"), text: "😀" });
});
