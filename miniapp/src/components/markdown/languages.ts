/** Languages of code: which ones are coloured, and their file endings. Small, because every chat loads it. */

/** By the highlighter's name of a language: the names people and models write for it, and its file ending. */
const LANGUAGES: Record<string, { names: string; ending: string }> = {
  bash: { names: "bash sh shell zsh console", ending: "sh" },
  c: { names: "c h", ending: "c" },
  cpp: { names: "cpp c++ cc hpp", ending: "cpp" },
  csharp: { names: "csharp c# cs", ending: "cs" },
  css: { names: "css scss", ending: "css" },
  diff: { names: "diff patch", ending: "diff" },
  dockerfile: { names: "dockerfile docker", ending: "dockerfile" },
  go: { names: "go golang", ending: "go" },
  ini: { names: "ini toml", ending: "ini" },
  java: { names: "java", ending: "java" },
  javascript: { names: "javascript js jsx mjs cjs node", ending: "js" },
  json: { names: "json jsonc json5", ending: "json" },
  kotlin: { names: "kotlin kt", ending: "kt" },
  php: { names: "php", ending: "php" },
  python: { names: "python py python3", ending: "py" },
  ruby: { names: "ruby rb", ending: "rb" },
  rust: { names: "rust rs", ending: "rs" },
  sql: { names: "sql postgresql mysql sqlite plsql", ending: "sql" },
  swift: { names: "swift", ending: "swift" },
  typescript: { names: "typescript ts tsx", ending: "ts" },
  xml: { names: "xml html svg xhtml vue", ending: "html" },
  yaml: { names: "yaml yml", ending: "yaml" },
};

const BY_NAME = new Map(
  Object.entries(LANGUAGES).flatMap(([id, { names }]) => names.split(" ").map((name) => [name, id])),
);

/** The highlighter's name of a language; null when it is not coloured. */
export function colouredAs(language: string): string | null {
  return BY_NAME.get(language.toLowerCase()) ?? null;
}

/** The file name of a downloaded block. */
export function fileNameOf(language: string): string {
  const known = colouredAs(language);
  return known === "dockerfile" ? "Dockerfile" : `code.${(known !== null && LANGUAGES[known]?.ending) || "txt"}`;
}
