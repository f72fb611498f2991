/** Unicode characters for LaTeX's commands and marks. */

export const SYMBOLS: Readonly<Record<string, string>> = {
  ...named("alpha α beta β gamma γ delta δ epsilon ε zeta ζ eta η theta θ iota ι kappa κ lambda λ mu μ nu ν xi ξ pi π"),
  ...named(
    "rho ρ sigma σ tau τ upsilon υ phi φ chi χ psi ψ omega ω varepsilon ε vartheta ϑ varphi φ varrho ϱ varsigma ς",
  ),
  ...named("Gamma Γ Delta Δ Theta Θ Lambda Λ Xi Ξ Pi Π Sigma Σ Upsilon Υ Phi Φ Psi Ψ Omega Ω"),
  ...named("times × cdot · div ÷ pm ± mp ∓ ast ∗ star ⋆ circ ∘ bullet • oplus ⊕ otimes ⊗ setminus ∖ wedge ∧ vee ∨"),
  ...named("land ∧ lor ∨ neg ¬ lnot ¬ cap ∩ cup ∪ leq ≤ le ≤ geq ≥ ge ≥ neq ≠ ne ≠ ll ≪ gg ≫ approx ≈ equiv ≡ sim ∼"),
  ...named("simeq ≃ cong ≅ propto ∝ in ∈ notin ∉ ni ∋ subset ⊂ subseteq ⊆ supset ⊃ supseteq ⊇ emptyset ∅ varnothing ∅"),
  ...named("forall ∀ exists ∃ nexists ∄ partial ∂ nabla ∇ infty ∞ sum ∑ prod ∏ int ∫ iint ∬ iiint ∭ oint ∮ perp ⊥"),
  ...named("parallel ∥ angle ∠ triangle △ degree ° prime ′ ell ℓ hbar ℏ Re ℜ Im ℑ aleph ℵ mid ∣ nmid ∤ therefore ∴"),
  ...named("because ∵ to → rightarrow → longrightarrow ⟶ leftarrow ← gets ← leftrightarrow ↔ Rightarrow ⇒ implies ⇒"),
  ...named("Leftarrow ⇐ Leftrightarrow ⇔ iff ⇔ mapsto ↦ uparrow ↑ downarrow ↓ ldots … dots … cdots ⋯ vdots ⋮ ddots ⋱"),
  ...named(
    "lfloor ⌊ rfloor ⌋ lceil ⌈ rceil ⌉ langle ⟨ rangle ⟩ lvert | rvert | vert | lVert ‖ rVert ‖ Vert ‖ models ⊨ vdash ⊢",
  ),
  ...named("top ⊤ bot ⊥ blacksquare ∎ square □ Box □ dagger † lbrace { rbrace } lbrack [ rbrack ] backslash ＼"),
  "|": "‖",
  "{": "{",
  "}": "}",
  "%": "%",
  "&": "&",
  "#": "#",
  $: "$",
  _: "_",
  ",": " ",
  ";": " ",
  ":": " ",
  ">": " ",
  thinspace: " ",
  medspace: " ",
  thickspace: " ",
  enspace: " ",
  "!": "",
  negthinspace: "",
  " ": " ",
  quad: "  ",
  qquad: "   ",
  displaystyle: "",
  textstyle: "",
  limits: "",
  nolimits: "",
};

/** Names that are read as they are written. */
export const FUNCTIONS: ReadonlySet<string> = new Set(
  "sin cos tan cot sec csc arcsin arccos arctan sinh cosh tanh log ln lg exp lim max min sup inf arg argmax argmin det dim ker gcd lcm deg hom mod Pr".split(
    " ",
  ),
);

export const SUPERSCRIPTS = pairs(
  "0123456789+-=()abcdefghijklmnoprstuvwxyzABDEGHIJKLMNOPRTUVW′∗ ",
  "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁼⁽⁾ᵃᵇᶜᵈᵉᶠᵍʰⁱʲᵏˡᵐⁿᵒᵖʳˢᵗᵘᵛʷˣʸᶻᴬᴮᴰᴱᴳᴴᴵᴶᴷᴸᴹᴺᴼᴾᴿᵀᵁⱽᵂ′∗ ",
);
export const SUBSCRIPTS = pairs("0123456789+-=()aehijklmnoprstuvxβγρφχ ", "₀₁₂₃₄₅₆₇₈₉₊₋₌₍₎ₐₑₕᵢⱼₖₗₘₙₒₚᵣₛₜᵤᵥₓᵦᵧᵨᵩᵪ ");

/** Letters of `\mathbb`. */
export const DOUBLE_STRUCK = pairs("CNPQRZEFH1", "ℂℕℙℚℝℤ𝔼𝔽ℍ𝟙");

/** Marks over a letter, as combining characters. */
export const ACCENTS: Readonly<Record<string, string>> = {
  hat: "\u0302",
  widehat: "\u0302",
  bar: "\u0304",
  overline: "\u0304",
  vec: "\u20d7",
  dot: "\u0307",
  ddot: "\u0308",
  tilde: "\u0303",
  widetilde: "\u0303",
};

function named(list: string): Record<string, string> {
  const words = list.split(" ");
  return Object.fromEntries(words.flatMap((word, at) => (at % 2 === 0 ? [[word, words[at + 1] ?? ""]] : [])));
}

function pairs(from: string, to: string): ReadonlyMap<string, string> {
  const characters = Array.from(to);
  return new Map(Array.from(from).map((character, at) => [character, characters[at] ?? character]));
}
