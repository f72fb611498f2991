// The thread that reads one web page, begun by read-page-text.ts with its HTML.
// Plain JavaScript, because a worker thread does not inherit the TypeScript loader: it asks for it itself.
import { parentPort, workerData } from "node:worker_threads";
import { register } from "tsx/esm/api";

register();
const { pageText } = await import("./page-text.ts");
parentPort.postMessage(pageText(workerData), []);
