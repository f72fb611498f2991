// Starts a worker thread whose module is TypeScript: `workerData.module` is its URL. Plain JavaScript, because a thread
// does not inherit the loader of its process.
import { workerData } from "node:worker_threads";
import { register } from "tsx/esm/api";

register();
await import(workerData.module);
