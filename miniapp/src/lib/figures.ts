/** Numbers for display: short, and never more precise than they are. */

/** A speed or a share: one decimal under ten, none above. */
export function figure(value: number, language: string): string {
  return new Intl.NumberFormat(language, { maximumFractionDigits: value < 10 ? 1 : 0 }).format(value);
}

/** A count that may grow large: 940, 12.4K, 3M. */
export function compact(value: number, language: string): string {
  return new Intl.NumberFormat(language, { notation: "compact", maximumFractionDigits: 1 }).format(value);
}

/** A context in tokens, in the binary thousands models are described in: 8192 is "8K". */
export function contextSize(tokens: number): string {
  return tokens < 1_024 ? String(tokens) : `${Math.floor(tokens / 1_024)}K`;
}
