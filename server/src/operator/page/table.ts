/** Tables of the operator's page. Whatever strangers wrote is escaped by the template. */
import { html } from "hono/html";
import { exactAmount } from "@starai/protocol/amounts";

export type Html = ReturnType<typeof html>;
export type Cell = string | Html;

/** A section of its own, that the page's menu leads to; a table that is wider than the window scrolls by itself. */
export function section(id: string, title: string, ...content: readonly Cell[]): Html {
  return html`<section id="${id}" aria-labelledby="${id}-title">
    <h2 id="${id}-title">${title}</h2>
    ${content}
  </section>`;
}

export function table(name: string, columns: readonly string[], rows: readonly (readonly Cell[])[]): Html {
  if (rows.length === 0) return html`<p>None.</p>`;
  return html`<div class="scroll" tabindex="0" role="group" aria-label="${name}">
    <table>
      <thead>
        <tr>
          ${columns.map((column) => html`<th scope="col">${column}</th>`)}
        </tr>
      </thead>
      <tbody>
        ${rows.map(
          (row) =>
            html`<tr>
              ${row.map((cell) => html`<td>${cell}</td>`)}
            </tr>`,
        )}
      </tbody>
    </table>
  </div>`;
}

/** Of a bounded list. */
export const andMore = (shown: number, all: number): Cell =>
  all > shown ? html`<p>… and ${all - shown} more.</p>` : "";

/** An address, a key or a hash: whole, and broken where the cell ends. */
export const code = (text: string): Html => html`<code>${text}</code>`;

/** What would stand as a column of single words in a narrow cell. */
export const words = (text: string): Html => html`<div class="words">${text}</div>`;

export const amount = (nano: bigint | string): string => exactAmount(BigInt(nano));

/** In UTC, which the page's head says. */
export const moment = (at: Date | null): Cell =>
  at === null ? "—" : html`<time>${at.toISOString().slice(0, 16).replace("T", " ")}</time>`;
