import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { readableFormulas } from "./formulas.ts";
import { richParts } from "./safe-markdown.ts";

const READ: [latex: string, shown: string][] = [
  ["Then $x^2 + y_1 = \\alpha$.", "Then x² + y₁ = α."],
  ["$$T(n) = 2T\\left(\\frac{n}{2}\\right) + O(n)$$", "T(n) = 2T(n/2) + O(n)"],
  ["$$\nx = \\frac{-b \\pm \\sqrt{b^2 - 4ac}}{2a}\n$$", "x = (−b ± √(b² − 4ac))/(2a)"],
  ["It is \\(O(n \\log n)\\), so", "It is O(n log n), so"],
  ["\\[ \\sum_{i=1}^{n} i = \\frac{n(n+1)}{2} \\]", "∑ᵢ₌₁ⁿ i = n(n+1)/2"],
  ["$a \\leq b \\implies f(a) \\in \\mathbb{R}$", "a ≤ b ⇒ f(a) ∈ ℝ"],
  ["$n$ and $k$", "n and k"],
  ["$e^{i\\pi} + 1 = 0$", "e^(iπ) + 1 = 0"],
  ["$\\vec{v} \\cdot \\hat{n}$", "v⃗ · n̂"],
  ["$90^\\circ$", "90°"],
  ["$\\text{speed} = \\frac{\\Delta s}{\\Delta t}$", "speed = Δs/Δt"],
  ["$\\int_0^1 f(x)\\,dx$", "∫₀¹ f(x) dx"],
  ["$10\\,000\\;x\\:=\\>y\\!z$", "10 000 x = yz"],
  ["$a\\thinspace b\\enspace = c$", "a b = c"],
  ["> $$\n> a_n = n^2\n> $$", "> aₙ = n²"],
];

test.each(READ)("%j is shown as %j", (latex, shown) => {
  expect(readableFormulas(latex)).toBe(shown);
});

test.each([
  "It costs $5.",
  "From $5 to $10, or $5/$6, or $10-$20.",
  "US$ 5 and A$ 6",
  "$5 = 4€ and 6$ is more",
  "Set $HOME and $PATH, or $HOME/bin:$PATH",
  "echo `$x$` and\n\n```sh\necho $a_b$\n```",
  "a \\$x\\$ b",
  "an open $x^2 is left",
  "\\(see below\\) and \\[note\\]",
  "[a](https://e.x/?q=$1&r=$2)",
])("no formula is seen in %j", (text) => {
  expect(readableFormulas(text)).toBe(text);
});

describe("a formula that characters cannot say", () => {
  test("is shown as code, which nothing changes", () => {
    expect(readableFormulas("$$\\begin{pmatrix} 1 & 0 \\\\ 0 & 1 \\end{pmatrix}$$")).toBe(
      "`\\begin{pmatrix} 1 & 0 \\\\ 0 & 1 \\end{pmatrix}`",
    );
    expect(readableFormulas("$\\unknown{x}$")).toBe("`\\unknown{x}`");
  });

  test("of several lines is shown line by line", () => {
    expect(readableFormulas("$$\\begin{aligned} a &= b \\\\ &= c^2 \\end{aligned}$$")).toBe("`a = b`  `= c²`");
  });
});

test("an answer reaches the chat with its formulas readable, its prices and its code as they were", () => {
  expect(richParts("$5 for $x^2$:\n\n- `$x^2$`")[0]?.safe).toBe("$5 for x²:\n\n- `$x^2$`");
});

test("whatever is written, nothing is thrown, code stays, and no tag, picture or foreign link comes of it", () => {
  const piece = fc.constantFrom(
    "$",
    "$$",
    "\\(",
    "\\)",
    "\\[",
    "\\]",
    "\\frac",
    "{",
    "}",
    "^",
    "_",
    "x",
    "1",
    " ",
    "\n",
    "`c`",
    "<b>",
    "![",
    "](tg://x)",
    "\\\\",
    "&",
    "\\left",
    "\\sqrt",
    "[",
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 40 }), (pieces) => {
      const text = pieces.join("");
      for (const { safe } of richParts(text)) {
        const bare = safe.replace(/<\/?(?:pre|code)(?: class="language-[^"<>]*")?>/g, " ");
        expect(bare).not.toMatch(/<[a-z/!?]/i);
        expect(bare).not.toMatch(/!\[|\]\((?!https:)/);
      }
    }),
    { numRuns: 2_000 },
  );
});

test("hostile text is read in linear time", () => {
  for (const text of [
    "$".repeat(30_000),
    "$x ".repeat(10_000),
    "\\(".repeat(15_000),
    "$\\frac{".repeat(4_000),
    "$$a".repeat(10_000),
  ])
    expect(readableFormulas(text).length).toBeGreaterThan(0);
});
