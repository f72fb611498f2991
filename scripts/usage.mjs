// Each program's --help text before anything is installed. Some programs have a longer help of their own.

const FROM_ENVIRONMENT = "Its settings come from the environment; .env.example describes each.";

export const USAGE = {
  start: `npm start [-- --memory X --pull-engine]: the whole of StarAI on this machine, with a Telegram simulator: installs, fetches a model, says which page to open.

  --memory X     what models may take in this stack's own worker, such as 700MB; a model that does not fit is served by it
                 and the workers that join from more terminals, by a command that is printed
  --pull-engine  fetches llama.cpp's own server first (68 MB, Linux x64), which several machines need to serve one model
  PORT           the one HTTP port, loopback only; default 8080
  STARAI_HOME    the data folder; default ~/.local/share/starai, for root /var/lib/starai
  STARAI_MODELS  folder of model files; default the user's cache folder
  STARAI_MODEL   an id from protocol/catalogue.json, or the path of a .gguf file; by default the best that fits and can be fetched
  BOT_TOKEN      talk to the real Telegram instead of the simulator`,
  test: `npm test [-- <file name part>…]: every test, with real PostgreSQL, engine and browser; sets itself up.`,
  "test:mutants": `npm run test:mutants -- contracts [word]: seeds faults into the contracts; the tests must catch each.
npm run test:mutants -- server [--sample 60 --seed 1 --only <part of a path>,… --limit 180]: the same for what decides about jobs,
on a sample, each mutant with the tests nearest to it for at most so many seconds; the result is written to mutants-server.json.`,
  check: `npm run check: format, lint, types, import rules, dead code and document references.`,
  build: `npm run build: builds the Mini App, which the server serves at /app/.`,
  worker: `npm run worker -- start [--pool <url>]: lends this machine to the pool (default ws://127.0.0.1:8080/pool).
npm run worker -- inspect: what this machine has, how fast it is, which models fit, and what they would earn.
npm run worker -- pair | notes | audit | claim: whose it is, and its pay.
npm run worker -- help: every command and setting.`,
  server: `npm run server: the production server: HTTP, WebSocket pool, agent. Ctrl-C lets answers end; a second one stops at once.

Needed: STARAI_HOME (its data folder) and STARAI_BOT_KEY (32 characters or more, shared with the bot: openssl rand -hex 32).
${FROM_ENVIRONMENT}`,
  bot: `npm run bot: the Telegram bot, by polling or webhook.

Needed: BOT_TOKEN (from @BotFather) and STARAI_BOT_KEY (the server's). STARAI_SERVER_URL says where the server is, by default here.
${FROM_ENVIRONMENT}`,
  chain: `npm run chain: the embedded TON chain alone: toncenter's JSON-RPC, faucet, clock and explorer. Ctrl-C keeps everything.

  CHAIN_PORT   its HTTP port, loopback only; default 8081
  STARAI_HOME  the data folder, of which it uses ton/; default that of npm start
  TON_PRICES   june-2026 (default) or before-april-2026`,
  deploy: `npm run deploy -- --network sandbox|testnet|mainnet [--dry-run]: puts the four contracts on a network.
A dry run for the sandbox needs no setting; -- --help lists the others.`,
  ton: `npm run ton -- help: every role's commands on the contracts, with the chain alone; --link prints them for any wallet.`,
  key: `npm run key -- create <name> | list | revoke <id>: keys for /v1.`,
  operator: `npm run operator -- workers | ban <worker> | unban <worker> | drain <worker> | undrain <worker> [--reason <text>]: who may work.
npm run operator -- receipts keys | receipts rotate --why <text>: the keys that receipts are signed with.`,
  "ledger:verify": `npm run ledger:verify [-- --whole]: verifies that the ledger adds up; ends with 1 where it does not.`,
  "verify-receipt": `npm run verify-receipt -- <address | id | file | -> [--keys <address | file>]: whether a receipt is signed and adds up.`,
  "verify-epoch": `npm run verify-epoch -- <leaf file> <distributor>: rebuilds a published reward tree and compares it with the chain.`,
  plan: `npm run plan -- --model <id | file> --nodes <file> [--objective throughput|latency|cost] [--json]: divides a model among machines.`,
  eval: `npm run eval [-- --model <id> --design agent,direct,native --only <id pattern> --threads 2 --show]: the everyday scenarios.`,
  bench: `npm run bench -- answer|chain|dispatch|epoch|failover|join|ledger|manners|market|miniapp|merkle|planner|pool|voucher: one measurement, printed and kept in bench/results/.`,
  shots: `npm run shots [-- <name part>]: every screen of the Mini App as pictures in shots/; needs npm run build.`,
  attack: `npm run attack [-- --minutes N --only <name> | --campaign]: hostile workers, users and networks against a real server here.`,
};

/** Answers --help, and ends the process then. */
export function answerHelp(name) {
  if (!process.argv.slice(2).some((word) => word === "--help" || word === "-h")) return;
  process.stdout.write(`${USAGE[name]}\n`);
  process.exit(0);
}
