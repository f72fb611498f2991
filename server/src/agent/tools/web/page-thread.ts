/** The thread that reads one web page; read-page-text.ts starts it with the HTML. */
import { parentPort, workerData } from "node:worker_threads";
import { pageText } from "./page-text.ts";

const { html } = workerData as { html: string };
parentPort?.postMessage(pageText(html), []);
