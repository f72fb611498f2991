/** A real headless Chromium for tests, screenshots and benchmarks: at CHROME_PATH, or else from an npm package. */
import chromiumPackage from "@sparticuz/chromium";
import { chromium } from "playwright-core";
import type { Browser } from "playwright-core";

/** Own arguments, because the package's defaults switch web security off. */
const ARGUMENTS = [
  "--no-sandbox",
  "--headless=shell",
  "--disable-gpu",
  "--disable-dev-shm-usage",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

export async function openBrowser(): Promise<Browser> {
  return chromium.launch({ executablePath: await browserPath(), args: ARGUMENTS });
}

/** Where the browser is; unpacked by the first call on a machine. */
export async function browserPath(): Promise<string> {
  return process.env.CHROME_PATH ?? (await chromiumPackage.executablePath());
}
