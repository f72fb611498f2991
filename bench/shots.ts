/** `npm run shots [regular expression]`: every screen and state as pictures in shots/, to be looked at; with an expression those whose names it is in. Needs `npm run build`. */
import { chmod, mkdir, mkdtemp, rm } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import type { Browser, Frame, Page } from "playwright-core";
import { openBrowser } from "@starai/sandbox/open-browser";
import { LOOKS, THEMES } from "./shots/looks.ts";
import type { Look } from "./shots/looks.ts";
import { COIN_SCENES } from "./shots/coin-scenes.ts";
import { GROUP_SCENES } from "./shots/group-scenes.ts";
import { SCENES } from "./shots/scenes.ts";
import type { Scene } from "./shots/scenes.ts";
import { post, setStage } from "./shots/stage.ts";
import type { Stage } from "./shots/stage.ts";

const FOLDER = path.resolve(import.meta.dirname, "../shots");
const wanted = new RegExp(process.argv[2] ?? "");

const home = await mkdtemp(path.join(os.tmpdir(), "starai-shots-"));
await chmod(home, 0o755);
await mkdir(FOLDER, { recursive: true });
const stage = await setStage(home);
const browser = await openBrowser();
try {
  for (const look of LOOKS)
    for (const scene of [...SCENES, ...GROUP_SCENES, ...COIN_SCENES]) {
      const name = `${scene.name}-${look.name}`;
      if (!wanted.test(name)) continue;
      await shoot({ stage, browser, look, scene, file: path.join(FOLDER, `${name}.png`) }).then(
        () => console.log(name),
        (error: Error) => console.error(`${name}: ${error.message.split("\n")[0]}`),
      );
    }
} finally {
  await browser.close();
  await stage[Symbol.asyncDispose]();
  await rm(home, { recursive: true, force: true });
}

interface Shot {
  stage: Stage;
  browser: Browser;
  look: Look;
  scene: Scene;
  file: string;
}

async function shoot({ stage, browser, look, scene, file }: Shot): Promise<void> {
  const context = await browser.newContext({
    viewport: scene.simulator ? { width: 1_180, height: 800 } : { width: look.width, height: look.height },
    deviceScaleFactor: 2,
    colorScheme: look.theme,
    locale: look.language,
    reducedMotion: "reduce",
  });
  try {
    const page = await context.newPage();
    page.setDefaultTimeout(15_000);
    const frame = scene.simulator
      ? await openSheet(page, stage, { look, scene })
      : await openApp(page, stage, { look, scene });
    if (look.text !== 100) await frame.evaluate(`document.documentElement.style.fontSize = "${look.text}%"`);
    await scene.act?.({ page, frame, stage, person: stage.people[look.language] });
    await page.waitForTimeout(400);
    await page.screenshot({ path: file });
    await scene.after?.({ page, frame, stage, person: stage.people[look.language] });
  } finally {
    await context.close();
  }
}

interface How {
  look: Look;
  scene: Scene;
}

/** The app alone, as a phone shows it: the launch address opened as a page. */
async function openApp(page: Page, stage: Stage, { look, scene }: How): Promise<Frame> {
  const url = scene.page?.(stage) ?? (scene.outside ? `${stage.stack.url}app/` : await launch(stage, { look, scene }));
  await page.goto(url);
  const frame = page.mainFrame();
  const where = scene.path?.(stage.people[look.language]);
  if (where !== undefined) await frame.evaluate(`location.hash = "#${where}"`);
  return frame;
}

async function launch(stage: Stage, { look, scene }: How): Promise<string> {
  const user = scene.newcomer ? stage.newcomers[look.language] : stage.people[look.language].id;
  const wish = { user, url: `${stage.stack.url}app/`, platform: "ios", theme: THEMES[look.theme] };
  return ((await post(stage.stack, "launch", wish)) as { url: string }).url;
}

/** The simulator's page with the app in its sheet. */
async function openSheet(page: Page, stage: Stage, { look, scene }: How): Promise<Frame> {
  const { id } = stage.people[look.language];
  await page.addInitScript(
    ([user, language]) => {
      sessionStorage.setItem("starai.user", user);
      localStorage.setItem("starai.language", language);
    },
    [String(id), look.language] as const,
  );
  await page.goto(stage.stack.url);
  await page.locator("#menu-button").click();
  const frame = await (await page.locator("#sheet iframe").elementHandle())?.contentFrame();
  if (!frame) throw new Error("the sheet has no frame");
  await frame.waitForLoadState();
  const where = scene.path?.(stage.people[look.language]);
  if (where !== undefined) await frame.evaluate(`location.hash = "#${where}"`);
  return frame;
}
