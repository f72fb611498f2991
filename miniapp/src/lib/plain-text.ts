/** Markdown as one line of plain text, for places too small for formatting. Everything except its marks stays. */
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
