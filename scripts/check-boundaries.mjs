// Checks, on the syntax trees of all code that handles untrusted input, that such input cannot end a process.
//   1. `new URL(text)` throws: it stands in a `try`, in a function that asked `URL.canParse` first, or reads a text of ours.
//   2. Callbacks of `upgrade`, `connection` and `message` are `guarded(…)` (protocol/guarded.ts).
//   3. `JSON.parse` in a callback of any event stands in a `try` or in `guarded(…)`.
//   4. A log is opened as `pino(logOptions(…))` (protocol/log-options.ts), so that secrets and people's words stay out of it.
// oxlint 1.94 has no rule that sees a `new` expression or a callback (no-restricted-syntax), so this is our own.
import { readFileSync } from "node:fs";
import ts from "typescript";

const LOOKED_AT = /^(protocol|(server|worker|bot|miniapp|sandbox)\/src)\/.*\.(ts|tsx|mjs)$/;
const TESTS = /\.test\.tsx?$|\/testing\/[\w-]+\.ts$|\/test-[\w-]+\.ts$/;

/** Files whose `new URL` reads no stranger's text, and whose text it is. */
const OWN_URLS = new Map([
  ["bot/src/app-link.ts", "a setting, checked by config.ts"],
  ["bot/src/start-bot.ts", "a setting, checked by config.ts"],
  ["miniapp/src/lib/people-address.ts", "addresses of our own server"],
  ["server/src/config.ts", "a setting, of which zod has seen to it that it is an address"],
  ["server/src/chain/open-chain.ts", "a setting, checked by config.ts"],
  ["server/src/routes/miniapp.ts", "a setting, or the request's address, which app.ts has read before"],
  ["worker/src/engines/openai/openai-engine.ts", "a setting, checked by config.ts"],
  ["worker/src/models/ensure-model.ts", "an address of our own catalogue"],
  ["sandbox/src/staged-stack.ts", "our own server's address"],
  ["sandbox/src/ton/chain-of.ts", "our own server's address"],
  ["sandbox/src/wallet/dev-wallet.ts", "the request's address, which the origin guard has let in"],
  ["sandbox/src/wallet/wallet-routes.ts", "the request's address, which the origin guard has let in"],
  ["sandbox/src/wallet/wallet.ts", "an address that readManifest has checked"],
  ["sandbox/src/telegram/init-data.ts", "an address checkWebAppUrl has let in"],
]);
const GUARDED_EVENTS = new Set(["upgrade", "connection", "message"]);
const LISTENING = new Set(["on", "once", "addListener", "addEventListener", "prependListener"]);
/** Channels from a parent process, exempt because the parent restarts a child that fails. */
const OF_A_CHILD = new Set(["process", "parentPort", "port"]);
/** A log that writes nothing needs no options. */
const SILENT = '{ level: "silent" }';
/** Files whose callbacks of these events cannot throw, and why. */
const HARMLESS = new Map([["server/src/gateway/ask-schema-thread.ts", "it settles a promise and reads nothing"]]);

/** @param {string[]} files  tracked ones, paths from the root */
export function checkBoundaries(files) {
  const seen = { files: 0, urls: 0, callbacks: 0, parses: 0, logs: 0 };
  const faults = [];
  for (const file of files.filter((name) => LOOKED_AT.test(name) && !TESTS.test(name))) {
    seen.files += 1;
    const source = ts.createSourceFile(file, readFileSync(file, "utf8"), ts.ScriptTarget.Latest, true);
    visit(source, (node) => {
      const fault = faultOf(node, file, seen);
      if (fault) faults.push(`${file}:${source.getLineAndCharacterOfPosition(node.getStart()).line + 1} ${fault}`);
    });
  }
  const looked = `${seen.urls} new URL, ${seen.callbacks} event callbacks, ${seen.parses} JSON.parse, ${seen.logs} pino in ${seen.files} files`;
  const blind = Object.values(seen).some((count) => count === 0);
  return { ok: faults.length === 0 && !blind, looked, out: faults.join("\n") };
}

function faultOf(node, file, seen) {
  if (ts.isNewExpression(node) && node.expression.getText() === "URL") {
    seen.urls += 1;
    const [text] = node.arguments ?? [];
    if (!text || ts.isStringLiteralLike(text) || OWN_URLS.has(file) || isTried(node) || asksFirst(node)) return null;
    return "new URL throws on a stranger's text: ask URL.canParse first, or split the text";
  }
  if (!ts.isCallExpression(node)) return null;
  if (node.expression.getText() === "JSON.parse") {
    seen.parses += 1;
    if (!isInCallback(node) || isTried(node)) return null;
    return "JSON.parse throws in an event's callback: put it in a try, or the callback in guarded(…)";
  }
  if (node.expression.getText() === "pino") {
    seen.logs += 1;
    const [options] = node.arguments;
    if (options && (isCallOf(options, "logOptions") || options.getText() === SILENT)) return null;
    return "a log without logOptions(…) writes secrets and people's words: pino(logOptions(level))";
  }
  const [event, callback] = node.arguments;
  if (!isListening(node) || !callback) return null;
  seen.callbacks += 1;
  if (!ts.isStringLiteralLike(event) || !GUARDED_EVENTS.has(event.text) || isCallOf(callback, "guarded")) return null;
  if (HARMLESS.has(file) || OF_A_CHILD.has(node.expression.expression.getText())) return null;
  // A callback made above, as `const onUpgrade = guarded(…)`, is seen by its name.
  if (ts.isIdentifier(callback) && isGuardedConst(callback)) return null;
  return `what comes with "${event.text}" is a stranger's: wrap the callback in guarded(…)`;
}

function visit(node, look) {
  look(node);
  ts.forEachChild(node, (child) => visit(child, look));
}

function isListening(node) {
  return ts.isPropertyAccessExpression(node.expression) && LISTENING.has(node.expression.name.text);
}

function isCallOf(node, name) {
  return ts.isCallExpression(node) && node.expression.getText() === name;
}

function isGuardedConst(identifier) {
  let found = false;
  visit(identifier.getSourceFile(), (node) => {
    if (ts.isVariableDeclaration(node) && node.name.getText() === identifier.text && node.initializer)
      found ||= isCallOf(node.initializer, "guarded");
  });
  return found;
}

/** The nodes around one, inside out, each with the child it was reached from. */
function* around(node) {
  for (let child = node; child.parent; child = child.parent) yield [child.parent, child];
}

/** Within its own function, so that a `try` around the making of a callback does not count for the callback. */
function isTried(node) {
  for (const [outer, inner] of around(node)) {
    if (ts.isTryStatement(outer) && inner === outer.tryBlock && outer.catchClause) return true;
    if (ts.isFunctionLike(outer)) return false;
  }
  return false;
}

function asksFirst(node) {
  for (const [outer] of around(node))
    if (ts.isFunctionLike(outer)) {
      let asked = false;
      visit(outer, (one) => {
        asked ||= one.pos < node.pos && isCallOf(one, "URL.canParse");
      });
      return asked;
    }
  return false;
}

function isInCallback(node) {
  for (const [outer, inner] of around(node))
    if (ts.isFunctionLike(inner) && ts.isCallExpression(outer)) return isListening(outer);
  return false;
}
