/** Groups on the pool's page, in a real browser over the real server and pool; the machines are scripted. */
import type { Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { axeFindings } from "./app-visit.ts";
import { FOUR_HOLD, FOUR_LENDERS, LentGroup } from "./lent-group.ts";
import { openShellStack, heading, tab } from "./shell-stack.ts";
import type { ShellStack } from "./shell-stack.ts";

const TITLE = "Models on several machines";
const NAME = "Qwen2.5 14B Instruct";

let shell: ShellStack;
let group: LentGroup | null = null;

beforeAll(async () => {
  shell = await openShellStack();
});
afterEach(async () => {
  await group?.[Symbol.asyncDispose]();
  group = null;
});
afterAll(() => shell[Symbol.asyncDispose]());

async function form(): Promise<LentGroup> {
  return (group = await LentGroup.form(shell.stack, FOUR_HOLD, FOUR_LENDERS));
}

/** Inside the app, as somebody who is signed in. */
async function openPool(page: Page): Promise<void> {
  await tab(page, "Pool").click();
  await heading(page, "Pool").waitFor();
  await page.getByText("Machines online").waitFor();
}

const card = (page: Page) => page.getByRole("article").filter({ has: page.getByRole("heading", { name: NAME }) });

test("a group shows whose layers are whose, its speed and what limits it, to whoever is not signed in, too", async () => {
  const lent = await form();
  await lent.up();
  lent.measured(5.2);
  await using context = await shell.browser.newContext({ locale: "en-US", viewport: { width: 390, height: 780 } });
  context.setDefaultTimeout(15_000);
  const page = await context.newPage();
  await page.goto(`${shell.stack.url}app/#/pool`);
  await card(page).getByText("Serving", { exact: true }).waitFor();
  expect(await page.getByRole("heading", { name: TITLE }).count()).toBe(1);
  await card(page).getByText("5.2 tokens/s · limited by its machines").waitFor();
  expect(await card(page).getByRole("listitem").allInnerTexts()).toEqual([
    "1\nBasement rack\nlayers 1–18 and the output",
    "2\nbrave-otter\nlayers 19–32",
    "3\nOld laptop\nlayers 33–43",
    expect.stringMatching(/^4\nThe machine in the hall .*\nlayers 44–48$/),
  ]);
  const bar = card(page).getByRole("img", { name: /^Layers by machine: Basement rack 18, brave-otter 14, / });
  const widths = await bar
    .locator("> *")
    .evaluateAll((parts) => parts.map((part) => part.getBoundingClientRect().width));
  expect(widths[0]! / widths[1]!).toBeCloseTo(18 / 14, 1);
  expect(new Set(await colours(bar.locator("> *"))).size).toBe(4);
});

test("a group that forms, comes up and ends is followed on an open page; without one the page says nothing of groups", async () => {
  await using app = await shell.open();
  await openPool(app.page);
  expect(await app.page.getByText(TITLE).count()).toBe(0);
  const lent = await form();
  lent.waitForLast(0.5);
  await card(app.page).getByText("Preparing, 62%").waitFor();
  await card(app.page)
    .getByText(/^Waits for The machine in the hall/)
    .waitFor();
  await lent.up();
  await card(app.page).getByText("Its speed is known after its first answer").waitFor();
  expect(
    await card(app.page)
      .getByText(/Waits for/)
      .count(),
  ).toBe(0);
  await lent[Symbol.asyncDispose]();
  await app.page.getByText(TITLE).waitFor({ state: "hidden" });
  expect(app.complaints).toEqual([]);
});

test.each([
  { width: 390, scheme: "light" as const },
  { width: 360, scheme: "dark" as const },
])("at $width px in $scheme a group passes axe and nothing scrolls sideways, with text of 200 % too", async (look) => {
  const lent = await form();
  await lent.up();
  await using app = await shell.open({ width: look.width });
  await app.page.emulateMedia({ colorScheme: look.scheme });
  await openPool(app.page);
  await card(app.page).scrollIntoViewIfNeeded();
  await expect.poll(() => axeFindings(app.page)).toEqual([]);
  for (const percent of [100, 200]) {
    await app.page.evaluate(`document.documentElement.style.fontSize = "${percent}%"`);
    const px = "document.documentElement.scrollWidth - document.documentElement.clientWidth";
    expect(await app.page.evaluate(px)).toBe(0);
  }
});

test("a machine's name is shown as it is and does nothing, whatever it is made of", async () => {
  const name = "<img src=x onerror=alert(1)>\u202etxt.exe";
  const lenders = FOUR_LENDERS.map((lender, place) => (place === 1 ? { ...lender, name } : lender));
  group = await LentGroup.form(shell.stack, FOUR_HOLD, lenders);
  await group.up();
  await using app = await shell.open();
  app.page.on("dialog", (dialog) => app.complaints.push(`a dialog: ${dialog.message()}`));
  await openPool(app.page);
  await card(app.page).getByText("<img src=x onerror=alert(1)>").waitFor();
  expect(await card(app.page).locator("img").count()).toBe(0);
  expect(app.complaints).toEqual([]);
});

function colours(parts: ReturnType<Page["locator"]>): Promise<string[]> {
  return parts.evaluateAll((all) => all.map((part) => getComputedStyle(part).backgroundColor));
}
