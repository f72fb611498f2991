/** Markdown as one line of words, for a place too small for its form. What is no mark stays as it is written. */
export function plainText(markdown: string): string {
  return markdown
    .replaceAll(/^\s*(```|~~~).*$/gm, "")
    .replaceAll(/^\s*\|?[\s:|-]*-{2,}[\s:|-]*$/gm, "")
    .replaceAll(/^\s{0,3}(#{1,6}|>|[*+-])\s+/gm, "")
    .replaceAll(/!?\[([^\]]*)\]\([^)]*\)/g, "$1")
    .replaceAll(/(\*\*|__|~~|`)/g, "")
    .replaceAll(/(?<![\p{L}\d*])\*(\S[^*]*\S|\S)\*(?![\p{L}\d*])/gu, "$1")
    .replaceAll(/\s*\|\s*/g, " ")
    .replaceAll(/\s+/g, " ")
    .trim();
}
