/** `npm run ton -- <command>`: a contributor's or a user's own way to their money. It needs the chain and nothing of ours. */
import { sayOf } from "./failure.ts";
import { run } from "./run.ts";

await run(process.argv.slice(2), process.env, console.log).catch((error: unknown) => {
  process.stderr.write(`${sayOf(error)}\n`);
  process.exitCode = 1;
});
