/** A real headless Chromium for tests, screenshots and benchmarks: the one of CHROME_PATH, or else the one an npm package brings. */
import chromiumPackage from "@sparticuz/chromium";
import { chromium } from "playwright-core";
import type { Browser } from "playwright-core";

/** The package's own arguments switch web security off; these do not. */
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
  const executablePath = process.env.CHROME_PATH ?? (await chromiumPackage.executablePath());
  return chromium.launch({ executablePath, args: ARGUMENTS });
}
