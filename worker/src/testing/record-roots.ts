/** A process that records challenges as a worker does, once its input ends: `record-roots.ts HOME POOL NAME COUNT`. */
import { once } from "node:events";
import { RootRecord } from "../earnings/root-record.ts";

const [home = "", base = "", name = "", count = "0"] = process.argv.slice(2);
const record = new RootRecord(home, base);
process.stdout.write("ready\n");
await once(process.stdin.resume(), "end");
for (let nth = 0; nth < Number(count); nth++) await record.begin(`${name} ${nth}`);
