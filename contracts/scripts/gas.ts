import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { gasTable } from "../gas/gas-row.ts";
import { measureAll } from "../gas/measure-all.ts";

/** `npm run contracts:gas`: measures every message and writes the table into contracts/README.md between its marks. */
const readme = path.resolve(import.meta.dirname, "../README.md");
const table = gasTable(await measureAll());
const text = readFileSync(readme, "utf8");
writeFileSync(readme, text.replace(/(<!-- gas -->\n)[\s\S]*?(<!-- \/gas -->)/, `$1${table}\n$2`));
console.log(table);
