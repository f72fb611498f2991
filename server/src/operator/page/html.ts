/** The operator's page as HTML without scripts. */
import { html } from "hono/html";
import type { SeenDistributor } from "../../earnings/distributor.ts";
import { slashDates, slashHash } from "../slash-facts.ts";
import { waitsOf } from "../epoch-waits.ts";
import type { AppealFacts, Balance, EpochFacts, Listed, SlashFacts, WorkerFacts } from "./facts.ts";
import { moneySection } from "./money-section.ts";
import { amount, andMore, code, moment, section, table, words } from "./table.ts";
import type { Html } from "./table.ts";
import type { TreasuryView } from "./treasury-board.ts";

export interface PageFacts {
  readonly coin: string;
  readonly now: Date;
  /** Keys of the connected workers. */
  readonly online: ReadonlySet<string>;
  readonly workers: Listed<WorkerFacts>;
  readonly epochs: Listed<EpochFacts>;
  /** Null: it is not read yet. */
  readonly treasury: TreasuryView | null;
  readonly balances: readonly Balance[];
  readonly slashes: Listed<SlashFacts>;
  readonly appeals: Listed<AppealFacts>;
}

export function operatorHtml(facts: PageFacts): Html {
  const { coin, now, online, treasury, balances } = facts;
  return frame(
    "StarAI: operator",
    html`<header>
        <h1>Operator</h1>
        <p>
          ${moment(now)} UTC · ${online.size} ${online.size === 1 ? "machine" : "machines"} connected · amounts in
          ${coin}
        </p>
        <nav aria-label="Sections">
          <a href="#money">Treasury</a> <a href="#slashes">Slashes</a> <a href="#notes">Notes</a>
          <a href="#epochs">Epochs</a> <a href="#machines">Machines</a>
        </nav>
        <form method="post" action="/logout"><button>Log out</button></form>
      </header>
      <main>
        ${moneySection(treasury, balances)} ${slashSection(facts.slashes)} ${noteSection(facts.appeals)}
        ${epochSection(facts.epochs, seenBy(treasury))} ${machineSection(facts.workers, online)}
      </main>`,
  );
}

const seenBy = (treasury: TreasuryView | null): SeenDistributor | null =>
  treasury === null || typeof treasury.chain === "string" ? null : treasury.chain.distributor;

function slashSection({ rows, all }: Listed<SlashFacts>): Html {
  const name = "Slash proposals";
  return section(
    "slashes",
    name,
    table(
      name,
      ["stored", "state", "amount", "reason", "disputed until", "executable until", "wallet", "evidence"],
      rows.map(({ slash, disputedUntil }) => {
        const dates = slashDates(slash, disputedUntil);
        return [
          moment(slash.createdAt),
          slash.state === "proposed" && slash.shownAt === null ? "stored, not seen on the chain yet" : slash.state,
          amount(slash.amount),
          words(slash.reason),
          moment(dates?.from ?? null),
          moment(dates?.until ?? null),
          code(slash.wallet),
          html`<details>
            <summary>${code(slashHash(slash.evidence))}</summary>
            <pre>${slash.evidence}</pre>
          </details>`,
        ];
      }),
    ),
    andMore(rows.length, all),
  );
}

function noteSection({ rows, all }: Listed<AppealFacts>): Html {
  const name = "Notes to answer";
  return section(
    "notes",
    name,
    table(
      name,
      ["written", "machine", "words", "id"],
      rows.map((one) => [
        moment(one.createdAt),
        one.worker === null ? "—" : code(one.worker.slice(0, 16)),
        words(one.words),
        code(one.id),
      ]),
    ),
    andMore(rows.length, all),
    rows.length === 0
      ? ""
      : html`<p>${code('npm run operator -- appeal reply ID "…"')} answers one through the bot.</p>`,
  );
}

function epochSection({ rows, all }: Listed<EpochFacts>, seen: SeenDistributor | null): Html {
  const name = "Epochs";
  return section(
    "epochs",
    name,
    table(
      name,
      ["number", "state", "closed", "leaves", "owed by the tree", "for being there", "waits for", "root"],
      rows.map((one) => [
        String(one.number),
        one.state,
        moment(one.closedAt),
        String(one.leaves),
        amount(one.total),
        amount(one.availability),
        words(
          `${one.toMove > 0 ? `Lines to be moved: ${one.toMove}. ` : ""}${waitsOf(one, seen) ?? unknownOf(one, seen)}`,
        ),
        one.root === null ? "—" : code(one.root.toString("hex").slice(0, 16)),
      ]),
    ),
    andMore(rows.length, all),
    rows.length === 0
      ? ""
      : html`<p>${code("npm run operator -- epochs N")} lists what each worker got, and why pay waits.</p>`,
  );
}

const unknownOf = ({ state }: EpochFacts, seen: SeenDistributor | null): string =>
  seen === null && (state === "closed" || state === "proposed") ? "The chain does not say now." : "—";

function machineSection({ rows, all }: Listed<WorkerFacts>, online: ReadonlySet<string>): Html {
  const name = "Machines, those seen last";
  return section(
    "machines",
    name,
    table(
      name,
      [
        "name",
        "key",
        "there",
        "state",
        "did good / bad",
        "done",
        "failed",
        "stake behind it",
        "not released",
        "paired",
        "owner's wallet",
        "version",
        "seen",
      ],
      rows.map((one) => [
        words(one.name),
        code(one.id.slice(0, 16)),
        online.has(one.id) ? "yes" : "no",
        one.state === "free" ? "" : words(`${one.state}${one.why === null ? "" : `: ${one.why}`}`),
        `${one.score.good.toFixed(1)} / ${one.score.bad.toFixed(1)}`,
        String(one.completed),
        String(one.failed),
        amount(one.stake),
        amount(one.balance),
        one.isPaired ? "yes" : "no",
        one.wallet === null ? "—" : code(one.wallet),
        one.version,
        moment(one.seen),
      ]),
    ),
    andMore(rows.length, all),
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

export const STYLE = `:root { color-scheme: light dark; font: 15px/1.5 system-ui, sans-serif;
  --line: color-mix(in srgb, currentcolor 20%, transparent);
  --ok: light-dark(#1b6e2d, #7fd48f); --bad: light-dark(#b3261e, #ff9a92); }
body { margin: 0 auto; max-width: 90rem; padding: 1rem; overflow-wrap: anywhere; }
h1 { font-size: 20px; }
h2 { font-size: 17px; margin: 2.5rem 0 0.5rem; }
h3 { font-size: 15px; margin: 1.5rem 0 0.25rem; }
nav { display: flex; flex-wrap: wrap; gap: 0 1rem; }
nav a { display: inline-flex; align-items: center; min-height: 44px; color: inherit; }
:focus-visible { outline: 2px solid; outline-offset: 2px; }
.scroll { overflow-x: auto; }
.ok { color: var(--ok); }
.bad { color: var(--bad); font-weight: 600; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; }
th, td { border-bottom: 1px solid var(--line); padding: 0.3rem 0.8rem 0.3rem 0; text-align: start; vertical-align: top;
  min-width: 4rem; max-width: 28rem; overflow-wrap: break-word; }
th { font-weight: 600; white-space: nowrap; }
code { font-size: 13px; }
td code { display: inline-block; min-width: 11rem; max-width: 24rem; overflow-wrap: anywhere; }
pre { font-size: 13px; max-width: 24rem; white-space: pre-wrap; overflow-wrap: anywhere; }
.words { min-width: 9rem; }
/* A table scrolls there in any case: its rows stay low. */
@media (max-width: 40rem) { td code { min-width: 22rem; } }
time { white-space: nowrap; }
summary { cursor: pointer; min-height: 44px; }
input, button { font: inherit; min-height: 44px; padding: 0 0.8rem; }
.login { margin: 4rem auto; max-width: 20rem; }
.login form { display: grid; gap: 0.5rem; }
`;
