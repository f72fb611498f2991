/** `npm run ton -- <command>`: how contributors and users reach their money with the chain alone, without our servers. */
import { describeFailure } from "./failure.ts";
import { run } from "./run.ts";

await run(process.argv.slice(2), process.env, console.log).catch((error: unknown) => {
  process.stderr.write(`${describeFailure(error)}\n`);
  process.exitCode = 1;
});
