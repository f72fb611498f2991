/** The words after the worker's own command: which command, with what. Each command takes its own options and no others. */
import { parseArgs } from "node:util";
import { ownCommand } from "./own-command.ts";

const text = { type: "string" } as const;
const flag = { type: "boolean" } as const;
/** Which worker of this machine, and of which pool. */
const OF_WORKER = { pool: text, home: text } as const;
const OF_MACHINE = { ...OF_WORKER, engine: text, model: text, memory: text } as const;
const CLAIM_OPTIONS = {
  ...OF_WORKER,
  owner: text,
  file: text,
  link: flag,
  "dry-run": flag,
  endpoint: text,
  "network-id": text,
  wallet: text,
} as const;

interface CommandWords {
  readonly options: Readonly<Record<string, typeof text | typeof flag>>;
  /** Words beside the options at most. */
  readonly wordsMax: number;
}

const COMMANDS = {
  start: { options: { ...OF_MACHINE, split: text, "owner-code": text, another: flag }, wordsMax: 0 },
  inspect: { options: OF_MACHINE, wordsMax: 0 },
  pull: { options: {}, wordsMax: 32 },
  "pull-engine": { options: {}, wordsMax: 1 },
  gpu: { options: {}, wordsMax: 0 },
  pair: { options: OF_WORKER, wordsMax: 0 },
  unpair: { options: OF_WORKER, wordsMax: 0 },
  notes: { options: OF_WORKER, wordsMax: 0 },
  audit: { options: OF_WORKER, wordsMax: 0 },
  claim: { options: CLAIM_OPTIONS, wordsMax: 0 },
  service: { options: { pool: text }, wordsMax: 1 },
  help: { options: {}, wordsMax: 1 },
} as const satisfies Record<string, CommandWords>;
export type CommandName = keyof typeof COMMANDS;

export interface CommandLine {
  command: CommandName;
  words: string[];
  options: Readonly<Record<string, string | boolean | undefined>>;
}

const helpWords = () => `${ownCommand("help")} lists commands and settings`;

/** @throws Error with a sentence for a command, an option or a word that is not known. */
export function readCommandLine(args: readonly string[]): CommandLine {
  const [first = "help", ...rest] = args;
  if (args.some((word) => word === "--help" || word === "-h")) return { command: "help", words: [], options: {} };
  if (!Object.hasOwn(COMMANDS, first)) throw new Error(unknownFirst(first));
  const command = first as CommandName;
  const { options, wordsMax }: CommandWords = COMMANDS[command];
  const { positionals, values } = parsed(command, rest, options);
  const extra = positionals[wordsMax];
  if (extra !== undefined) throw new Error(`${command} does not take the word "${shown(extra)}": ${helpWords()}`);
  return { command, words: positionals, options: values };
}

function parsed(command: string, args: readonly string[], options: CommandWords["options"]) {
  try {
    return parseArgs({ args: [...args], allowPositionals: true, options });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const named = args.find((word) => word.startsWith("-") && !isKnown(word, options));
    if (code === "ERR_PARSE_ARGS_UNKNOWN_OPTION" && named)
      throw new Error(`${command} has no option ${shown(named)}${knownWords(options)}: ${helpWords()}`, {
        cause: error,
      });
    throw new Error(`An option of ${command} has no value, or one it does not take: ${helpWords()}`, { cause: error });
  }
}

function isKnown(word: string, options: CommandWords["options"]): boolean {
  return word.startsWith("--") && Object.hasOwn(options, word.slice(2).split("=")[0] ?? "");
}

function knownWords(options: CommandWords["options"]): string {
  const names = Object.keys(options).map((name) => `--${name}`);
  return names.length === 0 ? "" : `, only ${names.join(", ")}`;
}

function unknownFirst(word: string): string {
  if (word.startsWith("-")) return `Unknown option ${shown(word)}: ${helpWords()}`;
  return `Unknown command "${shown(word)}": ${ownCommand("help")} lists the commands`;
}

const shown = (word: string) => word.slice(0, 40);
