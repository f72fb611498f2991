/** The operator's page as HTML without scripts. Whatever strangers wrote is escaped by the template. */
import { html } from "hono/html";
import { exactAmount } from "@starai/protocol/amounts";
import type { AppealFacts, Balance, EpochFacts, SlashFacts, WorkerFacts } from "./facts.ts";

type Html = ReturnType<typeof html>;

export interface PageFacts {
  readonly coin: string;
  readonly now: Date;
  /** Keys of the connected workers. */
  readonly online: ReadonlySet<string>;
  readonly workers: readonly WorkerFacts[];
  readonly epochs: readonly EpochFacts[];
  readonly balances: readonly Balance[];
  readonly slashes: readonly SlashFacts[];
  readonly appeals: readonly AppealFacts[];
}

export function operatorHtml(facts: PageFacts): Html {
  const { coin, now, online, workers, epochs, balances, slashes, appeals } = facts;
  return frame(
    "StarAI: operator",
    html`<header>
        <h1>Operator</h1>
        <p>
          ${moment(now)} UTC · ${online.size} ${online.size === 1 ? "machine" : "machines"} connected · amounts in
          ${coin}
        </p>
        <form method="post" action="/logout"><button>Log out</button></form>
      </header>
      ${table(
        "Money by the books",
        ["account", "balance"],
        balances.map(({ name, balance }) => [name, amount(balance)]),
      )}
      ${table(
        "Slash proposals",
        ["created", "state", "amount", "wallet", "reason"],
        slashes.map((one) => [moment(one.created), one.state, amount(one.amount), one.wallet, one.reason]),
      )}
      ${table(
        "Notes to answer",
        ["written", "machine", "words"],
        appeals.map((one) => [moment(one.created), one.worker?.slice(0, 16) ?? "—", one.words]),
      )}
      ${table(
        "Epochs",
        ["number", "state", "closed", "leaves", "owed by the tree", "for being there", "root"],
        epochs.map((one) => [
          String(one.number),
          one.state,
          moment(one.closed),
          String(one.leaves),
          amount(one.total),
          amount(one.availability),
          one.root?.toString("hex").slice(0, 16) ?? "—",
        ]),
      )}
      ${table(
        "Machines, those seen last",
        ["name", "key", "there", "seen", "version", "done", "failed", "state", "paired", "not released"],
        workers.map((one) => [
          one.name,
          one.id.slice(0, 16),
          online.has(one.id) ? "yes" : "no",
          moment(one.seen),
          one.version,
          String(one.completed),
          String(one.failed),
          one.state === "free" ? "" : `${one.state}: ${one.why ?? ""}`,
          one.isPaired ? "yes" : "no",
          amount(one.balance),
        ]),
      )}`,
  );
}

/** @param fault  why the last try was refused */
export function loginHtml(fault: string | null): Html {
  return frame(
    "StarAI: log in",
    html`<main class="login">
      <h1>Operator</h1>
      ${fault === null ? "" : html`<p role="alert">${fault}</p>`}
      <form method="post" action="/login">
        <label for="key">Key</label>
        <input id="key" name="key" type="password" required autocomplete="current-password" autofocus />
        <button>Log in</button>
      </form>
    </main>`,
  );
}

function frame(title: string, body: Html): Html {
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <title>${title}</title>
        <link rel="stylesheet" href="/style.css" />
      </head>
      <body>
        ${body}
      </body>
    </html>`;
}

function table(title: string, names: readonly string[], rows: readonly (readonly string[])[]): Html {
  return html`<section>
    <h2>${title}</h2>
    ${
      rows.length === 0
        ? html`<p>None.</p>`
        : html`<div class="scroll" tabindex="0" role="group" aria-label="${title}">
            <table>
              <thead>
                <tr>
                  ${names.map((name) => html`<th scope="col">${name}</th>`)}
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
          </div>`
    }
  </section>`;
}

const amount = (nano: string) => exactAmount(BigInt(nano));
const moment = (at: Date) => at.toISOString().slice(0, 16).replace("T", " ");

export const STYLE = `:root { color-scheme: light dark; font: 15px/1.5 system-ui, sans-serif; }
body { margin: 0 auto; max-width: 75rem; padding: 1rem; }
h1 { font-size: 1.3rem; }
h2 { font-size: 1rem; margin: 2rem 0 0.5rem; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; }
th, td { border-bottom: 1px solid color-mix(in srgb, currentcolor 20%, transparent); padding: 0.3rem 0.8rem 0.3rem 0;
  text-align: start; vertical-align: top; max-width: 28rem; overflow-wrap: break-word; }
th { font-weight: 600; white-space: nowrap; }
input, button { font: inherit; min-height: 44px; padding: 0 0.8rem; }
.login { margin: 4rem auto; max-width: 20rem; }
.login form { display: grid; gap: 0.5rem; }
`;
