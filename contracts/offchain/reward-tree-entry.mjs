// The entry is JavaScript because a thread does not inherit its parent's TypeScript loader.
import { tsImport } from "tsx/esm/api";

await tsImport("./reward-tree-worker.ts", import.meta.url);
