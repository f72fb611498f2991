// A thread does not inherit how its parent reads TypeScript, so it begins in JavaScript.
import { tsImport } from "tsx/esm/api";

await tsImport("./reward-tree-worker.ts", import.meta.url);
