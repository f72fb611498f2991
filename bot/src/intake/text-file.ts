/** Detects text files and decodes them. */
import type { Document } from "grammy/types";

const TYPES =
  /^(?:text\/.+|application\/(?:json|xml|yaml|x-yaml|toml|javascript|typescript|sql|x-sh|x-python|x-tex|x-subrip))$/i;
const ENDINGS =
  /\.(?:txt|text|md|markdown|rst|csv|tsv|json|jsonl|ya?ml|toml|ini|cfg|conf|env|log|xml|html?|css|srt|tex|diff|patch|sql|sh|bat|ps1|py|js|mjs|cjs|ts|tsx|jsx|c|h|cc|cpp|hpp|cs|java|kt|go|rs|rb|php|swift|lua|r|pl|scala|dart|vue|svelte|tolk|fc)$/i;

export function isTextFile({ mime_type, file_name }: Document): boolean {
  // Type or ending is enough here; textOfFile decides by the content.
  return TYPES.test(mime_type ?? "") || ENDINGS.test(file_name ?? "");
}

/** Decodes the bytes; `null` if they are not text, or in an encoding that would have to be guessed. */
export function textOfFile(bytes: Uint8Array): string | null {
  const encoding =
    bytes[0] === 0xff && bytes[1] === 0xfe ? "utf-16le" : bytes[0] === 0xfe && bytes[1] === 0xff ? "utf-16be" : "utf-8";
  try {
    const text = new TextDecoder(encoding, { fatal: true }).decode(bytes);
    return text.includes("\0") ? null : text.replace(/\r\n?/g, "\n").trim();
  } catch {
    return null;
  }
}
