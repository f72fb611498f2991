/** Browser visits to the page that takes coins outside Telegram, and signing in there with the dev wallet. */
import type { Browser, BrowserContext, FrameLocator, Page } from "playwright-core";
import type { StagedStack } from "../src/staged-stack.ts";

const PATIENCE_MS = 20_000;

export interface PayVisit extends AsyncDisposable {
  readonly context: BrowserContext;
  readonly page: Page;
  /** The wallet's question over the page. */
  readonly question: FrameLocator;
  readonly complaints: string[];
}

export interface PayLook {
  width?: number;
  colorScheme?: "light" | "dark";
  locale?: string;
}

export async function visitPay(
  { stack, browser }: { stack: StagedStack; browser: Browser },
  { width = 1_000, colorScheme = "light", locale = "en-US" }: PayLook = {},
): Promise<PayVisit> {
  const context = await browser.newContext({
    viewport: { width, height: 900 },
    colorScheme,
    locale,
    reducedMotion: "reduce",
    permissions: ["clipboard-read", "clipboard-write"],
  });
  context.setDefaultTimeout(PATIENCE_MS);
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on("pageerror", (error) => complaints.push(error.message));
  context.on("request", (request) => {
    const { protocol, href } = new URL(request.url());
    // TON Connect's dialogs load a picture of their own.
    if (!/^https?:/.test(protocol) || href.startsWith("https://raw.githubusercontent.com/ton-connect/")) return;
    if (!href.startsWith(stack.url)) complaints.push(`a request to ${href}`);
  });
  await page.goto(`${stack.url}pay`);
  const question = page.frameLocator('iframe[title="Dev wallet"]');
  return { context, page, question, complaints, [Symbol.asyncDispose]: () => context.close() };
}

/** Signs in with this account of the dev wallet, by TON Connect's own dialog: on a narrow page it opens the wallet beside it. */
export async function signIn(
  { context, page, question }: Pick<PayVisit, "context" | "page" | "question">,
  account: string,
  button = "Sign in with a wallet",
): Promise<void> {
  await page.getByRole("button", { name: button }).click();
  const beside = context.waitForEvent("page").catch(() => null);
  const choice = page.getByRole("button", { name: /Dev wallet/ }).first();
  await choice.click();
  const extension = page.getByText("Browser Extension");
  const injected = extension.or(page.locator('iframe[title="Dev wallet"]')).first();
  const wallet = await Promise.race([beside, injected.waitFor().then(() => question)]);
  if (await extension.isVisible()) await extension.click();
  await wallet!.locator(`input[value="${account}"]`).check();
  await wallet!.getByRole("button", { name: /^(Approve|Подтвердить)$/ }).click();
}
