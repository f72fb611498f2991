/** The thread that reads one web page, begun by read-page-text.ts with its HTML. */
import { parentPort, workerData } from "node:worker_threads";
import { pageText } from "./page-text.ts";

const { html } = workerData as { html: string };
parentPort?.postMessage(pageText(html), []);
