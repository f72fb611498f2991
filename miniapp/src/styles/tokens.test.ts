/** Every text colour is readable on every background, whatever theme Telegram sends. */
import { readFileSync } from "node:fs";
import path from "node:path";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { contrast, hexOf, mix, rgbOf } from "../lib/colour.ts";
import type { Rgb } from "../lib/colour.ts";
import { readableTheme } from "../lib/readable-theme.ts";
import type { Theme } from "../lib/readable-theme.ts";

const css = readFileSync(path.join(import.meta.dirname, "tokens.css"), "utf8");
const tokens = new Map(
  [...css.matchAll(/^\s*--([\w-]+):\s*([^;]+);/gm)].map(([, name = "", value = ""]) => [name, value.trim()]),
);

/** Evaluates a colour of tokens.css as a browser does, for the functions that tokens.css uses. */
function colourOf(value: string, scheme: "light" | "dark", theme: Theme): Rgb {
  const of = (part: string) => colourOf(part.trim(), scheme, theme);
  const [, call = "", inside = ""] = /^([\w-]+)\((.*)\)$/s.exec(value) ?? [];
  const parts = inside.split(/,(?![^(]*\))/);
  if (call === "light-dark") return of(parts[scheme === "light" ? 0 : 1] ?? "");
  if (call === "var") {
    const name = parts[0]?.trim().slice(2) ?? "";
    const sent = theme[name.replace(/^tg-theme-/, "").replaceAll("-", "_")];
    if (name.startsWith("tg-theme-")) return of(sent ?? parts.slice(1).join(","));
    return of(tokens.get(name) ?? "");
  }
  if (call === "color-mix") {
    const [, colour = "", share = ""] = /^(.*) (\d+)%$/.exec(parts[1]?.trim() ?? "") ?? [];
    return mix(of(colour), of(parts[2] ?? ""), Number(share) / 100);
  }
  const colour = rgbOf(value);
  if (!colour) throw new Error(`tokens.css has a colour this test cannot read: ${value}`);
  return colour;
}

const GROUNDS = ["bg", "bg-2", "card", "wash", "mine"];
const CODE_WORDS = ["text", "code-keyword", "code-string", "code-number", "code-name", "code-comment"];
const PARTS = ["part-1", "part-2", "part-3", "part-4"];
const WORDS = ["text", "hint", "link", "bad", "ok", "warn", "money"];

/** The pairs of text and background below a contrast of 4.5. */
function unreadablePairs(scheme: "light" | "dark", theme: Theme, words = WORDS): string[] {
  const token = (name: string) => colourOf(`var(--${name})`, scheme, theme);
  const pairs = words.flatMap((word) => GROUNDS.map((ground) => [word, ground] as const));
  const code = CODE_WORDS.map((word) => [word, "code"] as const);
  // Numbers on them have the card's colour.
  const parts = PARTS.map((part) => [part, "card"] as const);
  return [...pairs, ...code, ...parts, ["on-accent", "accent"] as const]
    .filter(([word, ground]) => contrast(token(word), token(ground)) < 4.5)
    .map(([word, ground]) => `${word} on ${ground}: ${contrast(token(word), token(ground)).toFixed(2)}`);
}

/** Themes as clients send them: iOS, Android and the web, day and night. */
const SENT: [string, "light" | "dark", Theme][] = [
  ["iOS", "light", theme("#ffffff #efeff4 #ffffff #000000 #8e8e93 #007aff #007aff #ffffff #ff3b30")],
  ["iOS", "dark", theme("#000000 #1c1c1d #2c2c2e #ffffff #98989e #3e88f7 #3e88f7 #ffffff #eb5545")],
  ["Android", "light", theme("#ffffff #f0f0f0 #ffffff #222222 #a8a8a8 #2678b6 #50a8eb #ffffff #cc2929")],
  ["Android", "dark", theme("#1c242f #151e27 #1d2733 #ffffff #7d8b99 #5eabe1 #50a8eb #ffffff #ee686f")],
  ["web", "light", theme("#ffffff #f4f4f5 #ffffff #000000 #707579 #3390ec #3390ec #ffffff #e53935")],
  ["web", "dark", theme("#212121 #181818 #212121 #ffffff #aaaaaa #8774e1 #8774e1 #ffffff #ff595a")],
];

function theme(colours: string): Theme {
  const names = [
    "bg",
    "secondary_bg",
    "section_bg",
    "text",
    "hint",
    "link",
    "button",
    "button_text",
    "destructive_text",
  ];
  return Object.fromEntries(colours.split(" ").map((colour, at) => [`${names[at]}_color`, colour]));
}

describe("text has a contrast of 4.5 or more to its background", () => {
  test.each(["light", "dark"] as const)("in our own %s colours", (scheme) => {
    expect(unreadablePairs(scheme, {})).toEqual([]);
  });

  test.each(SENT)("in the theme of %s, %s", (_, scheme, sent) => {
    expect(unreadablePairs(scheme, readableTheme(sent))).toEqual([]);
  });

  test("in any theme whose backgrounds are similar", () => {
    const colour = fc.tuple(fc.nat(255), fc.nat(255), fc.nat(255)).map((parts) => hexOf(parts));
    const light = fc.tuple(fc.integer({ min: 225, max: 255 }), fc.integer({ min: 225, max: 255 }));
    fc.assert(
      fc.property(light, colour, colour, colour, colour, ([a, b], text, hint, link, button) => {
        const sent = {
          bg_color: hexOf([a, a, b]),
          secondary_bg_color: hexOf([b, a, a]),
          section_bg_color: hexOf([a, b, a]),
          text_color: text,
          hint_color: hint,
          link_color: link,
          button_color: button,
          button_text_color: "#ffffff",
        };
        const made = readableTheme(sent);
        const of = (name: string) => rgbOf(made[name] ?? "") ?? [0, 0, 0];
        for (const ground of ["bg_color", "secondary_bg_color", "section_bg_color"])
          for (const word of ["text_color", "hint_color", "link_color"])
            expect(contrast(of(word), of(ground))).toBeGreaterThanOrEqual(4.5);
        expect(contrast(of("button_color"), of("button_text_color"))).toBeGreaterThanOrEqual(4.5);
      }),
    );
  });

  test("a theme that is already readable stays as it is, without its invalid colours", () => {
    const sent = { bg_color: "#ffffff", text_color: "#000000", hint_color: "#555555", odd: "red; background: url(x)" };
    expect(readableTheme(sent)).toEqual({ bg_color: "#ffffff", text_color: "#000000", hint_color: "#555555" });
  });
});
