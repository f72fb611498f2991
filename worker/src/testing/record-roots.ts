/** A process that records challenges as a worker does: `record-roots.ts HOME POOL NAME COUNT`. */
import { RootRecord } from "../earnings/root-record.ts";

const [home = "", base = "", name = "", count = "0"] = process.argv.slice(2);
const record = new RootRecord(home, base);
for (let nth = 0; nth < Number(count); nth++) await record.begin(`${name} ${nth}`);
