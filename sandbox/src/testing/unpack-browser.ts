/** Before all tests: the browser's package unpacks it at its first use, and two test files that do so at once break each other. */
import { browserPath } from "../open-browser.ts";

export async function setup(): Promise<void> {
  await browserPath();
}
