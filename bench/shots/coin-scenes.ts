/** Scenes of coins and machines, and of the pages that are outside the app: paying in, and the operator's. */
import { signIn } from "../../sandbox/tests/pay-visit.ts";
import { changeBack, changeWallet, lendMachines, takeMachines } from "./coin-data.ts";
import type { Moment, Scene } from "./scenes.ts";
import type { Stage } from "./stage.ts";

const COINS = "/wallet/coins";
const MACHINES = "/machines";

const payPage = ({ stack }: Stage) => `${stack.url}pay`;
const amountField = ({ frame }: Moment) => frame.getByRole("textbox").first();

/** Has the screen read what was written into the database since it was opened. */
async function again({ page, frame }: Moment, words: RegExp): Promise<void> {
  await page.reload();
  await frame.getByText(words).first().waitFor();
}

async function withMachines(moment: Moment, words: RegExp): Promise<void> {
  const { stage, person } = moment;
  await lendMachines(stage.stack, person.id, person.coins);
  await again(moment, words);
}

const withoutMachines = ({ stage, person }: Moment) => takeMachines(stage.stack, person.coins);

export const COIN_SCENES: readonly Scene[] = [
  {
    name: "coins",
    path: () => COINS,
    act: ({ frame }) => frame.getByRole("button", { name: /^(Waits for its date|Ждёт)/ }).waitFor(),
  },
  {
    name: "coins-payout-sheet",
    path: () => COINS,
    act: async ({ frame }) => {
      await frame.getByRole("button", { name: /^(Waits for its date|Ждёт)/ }).click();
      await frame.getByRole("dialog").waitFor();
    },
  },
  {
    name: "coins-empty",
    newcomer: true,
    path: () => COINS,
    act: ({ frame }) => frame.getByRole("heading").first().waitFor(),
  },
  { name: "coins-top-up", path: () => `${COINS}/top-up`, act: (moment) => amountField(moment).waitFor() },
  {
    name: "coins-withdraw",
    path: () => `${COINS}/withdraw`,
    act: (moment) => amountField(moment).fill("1.25"),
  },
  {
    name: "wallet-change",
    path: () => COINS,
    act: async (moment) => {
      await changeWallet(moment.stage.stack, moment.person.coins);
      await again(moment, /^(It was not me|Это не я)/);
    },
    after: ({ stage, person }) => changeBack(stage.stack, person.coins),
  },
  { name: "custody-none", path: () => `${COINS}/custody`, act: (moment) => amountField(moment).waitFor() },
  {
    name: "machines",
    path: () => MACHINES,
    act: (moment) => withMachines(moment, /Basement rack/),
    after: withoutMachines,
  },
  {
    name: "machines-claim",
    path: () => MACHINES,
    act: async (moment) => {
      await withMachines(moment, /Basement rack/);
      await moment.frame.getByRole("button", { name: /^(Claim |Забрать)/ }).scrollIntoViewIfNeeded();
    },
    after: withoutMachines,
  },
  {
    name: "machine-sheet",
    path: () => MACHINES,
    act: async (moment) => {
      await withMachines(moment, /Basement rack/);
      await moment.frame.getByRole("button", { name: /Old laptop/ }).click();
      await moment.frame.getByRole("dialog").waitFor();
    },
    after: withoutMachines,
  },
  {
    name: "machine-day",
    path: () => MACHINES,
    act: async (moment) => {
      await withMachines(moment, /Basement rack/);
      await moment.frame.getByRole("button", { name: /Basement rack/ }).click();
      await moment.frame.getByRole("dialog").waitFor();
    },
    after: withoutMachines,
  },
  {
    name: "machine-score",
    path: () => MACHINES,
    act: async (moment) => {
      await withMachines(moment, /Basement rack/);
      await moment.frame.getByRole("button", { name: /Basement rack/ }).click();
      const went = moment.frame.getByText(/^(What went wrong|Что пошло не так)/);
      await went.waitFor();
      await went.scrollIntoViewIfNeeded();
    },
    after: withoutMachines,
  },
  {
    name: "machines-evidence",
    path: () => MACHINES,
    act: async (moment) => {
      await withMachines(moment, /Basement rack/);
      await moment.frame.getByText(/^(Evidence|Доказательства)$/).click();
      await moment.frame.locator("pre.machine-code").scrollIntoViewIfNeeded();
    },
    after: withoutMachines,
  },
  {
    name: "machines-claims",
    path: () => MACHINES,
    act: async (moment) => {
      await withMachines(moment, /Basement rack/);
      await moment.frame.getByRole("region", { name: /^(Claims|Выплаты)$/ }).scrollIntoViewIfNeeded();
    },
    after: withoutMachines,
  },
  {
    name: "stake",
    path: () => `${MACHINES}/stake`,
    act: async (moment) => {
      await withMachines(moment, /./);
      await moment.frame.getByText(/^(The rules|Правила)$/).waitFor();
    },
    after: withoutMachines,
  },
  {
    name: "stake-empty",
    newcomer: true,
    path: () => `${MACHINES}/stake`,
    act: ({ frame }) => frame.getByRole("heading").first().waitFor(),
  },
  {
    name: "pay",
    page: payPage,
    act: async ({ page }) => {
      await page.getByRole("button", { name: /^(Sign in with a wallet|Войти кошельком)$/ }).waitFor();
    },
  },
  {
    name: "pay-signed-in",
    page: payPage,
    act: async ({ page, person }) => {
      const question = page.frameLocator('iframe[title="Dev wallet"]');
      const button = person.language === "en" ? "Sign in with a wallet" : "Войти кошельком";
      await signIn({ context: page.context(), page, question }, person.coins.account, button);
      await page.getByRole("img", { name: /QR/ }).waitFor();
    },
  },
  {
    name: "operator",
    page: ({ operator }) => operator.url,
    act: async ({ page, stage: { operator } }) => {
      await page.locator("input").first().fill(operator.key);
      await page.keyboard.press("Enter");
      await page.locator("table").first().waitFor();
    },
  },
];
