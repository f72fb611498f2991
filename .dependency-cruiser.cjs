/** The import table of ARCHITECTURE.md as rules: who may import whom. */
const rooms = ["protocol", "contracts", "server", "worker", "bot", "miniapp", "sandbox", "bench"];
const others = (...allowed) => `^(${rooms.filter((room) => !allowed.includes(room)).join("|")})/`;
const tests = "(\\.test\\.tsx?|/testing/[\\w-]+\\.ts|/test-[\\w-]+\\.ts)$";

/**
 * The order inside server/src, highest row first: what stands in a row may import itself and every lower row, and not
 * its neighbours in the row. Files at the root that no other row names are the programs and what they put together.
 */
const ground = "base|config|errors|health";
const serverRows = [
  [`(?!(context|${ground})\\.ts$)[^/]+$`],
  ["routes/", "operator/"],
  ["threads/"],
  ["context\\.ts$"],
  ["agent/", "gateway/", "stars/", "wallets/", "escrow/", "settlement/", "earnings/"],
  ["payouts/"],
  ["account/", "deposits/"],
  ["jobs/"],
  ["pool/"],
  ["contributors/"],
  ["chain/"],
  ["billing/"],
  ["notices/", "sessions/", "changes/", "grammar/", "vocabulary/", "rates/", "ledger/", "receipts/", "join/"],
  [`db/|(${ground})\\.ts$`],
  ["scheduler/", "prices/", "client/", "events/"],
];
const inServer = (...places) => `^server/src/(${places.join("|")})`;
const serverOrder = serverRows.flatMap((row, at) =>
  row.map((place) => ({
    name: `server-order: ${place}`,
    severity: "error",
    from: { path: inServer(place), pathNot: tests },
    to: { path: "^server/src/", pathNot: inServer(place, ...serverRows.slice(at + 1).flat()) },
  })),
);

/** The Mini App's folders, lowest first. */
const layers = ["lib", "components", "data", "features", "app"];
const miniappLayers = layers.slice(0, -1).map((layer, at) => ({
  name: `miniapp-${layer}-imports-nothing-above`,
  severity: "error",
  from: { path: `^miniapp/src/${layer}/` },
  to: { path: `^miniapp/src/((${layers.slice(at + 1).join("|")})/|main|shared|pay)` },
}));

module.exports = {
  forbidden: [
    ...serverOrder,
    {
      name: "server-folders-have-a-place-in-the-order",
      severity: "error",
      from: { path: "^server/src/", pathNot: inServer("testing/", ...serverRows.flat()) },
      to: {},
    },
    {
      name: "protocol-imports-no-room",
      severity: "error",
      from: { path: "^protocol/", pathNot: tests },
      to: { path: others("protocol") },
    },
    {
      name: "protocol-is-pure",
      severity: "error",
      from: { path: "^protocol/", pathNot: tests },
      to: { dependencyTypes: ["core"] },
    },
    {
      name: "contracts-import-no-room",
      severity: "error",
      from: { path: "^contracts/" },
      to: { path: others("contracts") },
    },
    {
      name: "wrappers-are-small",
      comment:
        "They run in the server, the worker and a browser: @ton/core, @ton/crypto and the compiled code, nothing else.",
      severity: "error",
      from: { path: "^contracts/wrappers/", pathNot: tests },
      to: { pathNot: "^contracts/(wrappers|artefacts)/|node_modules/@ton/(core|crypto)/" },
    },
    {
      name: "requests-for-wallets-run-in-a-browser",
      comment: "A page loads them without @ton/core and without a Buffer.",
      severity: "error",
      from: { path: "^contracts/wrappers/connect/", pathNot: tests },
      to: { pathNot: "^contracts/(wrappers/(connect/|signed-cell|session-key|[a-z-]+-codes)|artefacts/)" },
    },
    {
      name: "server-imports",
      severity: "error",
      from: { path: "^server/" },
      to: { path: others("server", "protocol", "contracts") },
    },
    {
      name: "worker-imports",
      severity: "error",
      from: { path: "^worker/" },
      to: { path: others("worker", "protocol", "contracts") },
    },
    {
      name: "bot-imports",
      severity: "error",
      from: { path: "^bot/", pathNot: tests },
      to: { path: others("bot", "protocol", "server") },
    },
    {
      name: "bot-meets-the-server-at-its-client",
      severity: "error",
      from: { path: "^bot/", pathNot: tests },
      to: { path: "^server/", pathNot: "^server/src/client\\.ts$" },
    },
    {
      name: "miniapp-imports",
      severity: "error",
      from: { path: "^miniapp/", pathNot: tests },
      to: { path: others("miniapp", "protocol", "contracts", "server") },
    },
    {
      name: "miniapp-meets-the-server-at-its-client",
      severity: "error",
      from: { path: "^miniapp/", pathNot: tests },
      to: { path: "^(server/(?!src/client\\.ts$)|contracts/(?!wrappers/))" },
    },
    {
      name: "miniapp-runs-in-a-browser",
      severity: "error",
      from: { path: "^miniapp/src/", pathNot: tests },
      to: { dependencyTypes: ["core"] },
    },
    ...miniappLayers,
    {
      name: "miniapp-features-do-not-import-each-other",
      comment: "Each can be deleted: what two need lies in data/, components/ or lib/, and app/ puts them together.",
      severity: "error",
      from: { path: "^miniapp/src/features/([^/]+)/" },
      to: { path: "^miniapp/src/features/", pathNot: "^miniapp/src/features/$1/" },
    },
    {
      name: "nobody-imports-the-sandbox",
      severity: "error",
      from: { path: others("sandbox", "bench") },
      to: { path: "^(sandbox|bench)/" },
    },
    {
      name: "the-scheduler-is-pure",
      comment: "No clock, no randomness, no I/O: that is what makes a seeded simulation possible.",
      severity: "error",
      from: { path: "^server/src/scheduler/", pathNot: tests },
      to: { pathNot: "^(protocol|server/src/scheduler)/" },
    },
    {
      name: "prices-are-pure",
      comment: "No clock, no I/O: a bill can be computed again from its row, by anybody.",
      severity: "error",
      from: { path: "^server/src/prices/", pathNot: tests },
      to: { pathNot: "^(protocol|server/src/prices)/" },
    },
    {
      name: "the-ledgers-rules-are-pure",
      comment:
        "What becomes of money follows from the rows that were locked and from what was asked, and from nothing else.",
      severity: "error",
      from: { path: "^server/src/ledger/rules/", pathNot: tests },
      to: { pathNot: "^(protocol|server/src/ledger/rules)/" },
    },
    {
      name: "the-ledger-stands-on-the-database-only",
      severity: "error",
      from: { path: "^server/src/ledger/", pathNot: tests },
      to: { path: "^server/src/", pathNot: "^server/src/(ledger|db)/" },
    },
    {
      name: "routes-do-not-reach-past-verbs",
      comment: "A route parses and calls a verb; it does not write SQL.",
      severity: "error",
      from: { path: "^server/src/routes/", pathNot: tests },
      to: { path: "node_modules/drizzle-orm" },
    },
    {
      name: "no-cycles",
      comment: "Types count too: files that know each other's types are read and changed together.",
      severity: "error",
      from: {},
      to: { circular: true },
    },
    {
      name: "only-tests-import-what-tests-are-made-of",
      severity: "error",
      from: { path: "^(protocol|contracts|server|worker|bot|miniapp)/", pathNot: tests },
      to: { path: "/testing/" },
    },
    { name: "resolvable", severity: "error", from: {}, to: { couldNotResolve: true } },
  ],
  options: {
    doNotFollow: { path: "node_modules" },
    exclude: { path: "sandbox/src/(ton/|wallet/)?page/|miniapp/dist/" },
    tsConfig: { fileName: "tsconfig.json" },
    tsPreCompilationDeps: true,
    enhancedResolveOptions: {
      exportsFields: ["exports"],
      conditionNames: ["import", "node", "default"],
      extensions: [".ts", ".tsx", ".js", ".mjs", ".json"],
    },
  },
};
