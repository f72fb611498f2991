/**
 * A program of llama.cpp as a child process, in an environment without this worker's settings and secrets.
 *
 * It must not outlive the worker, however that ends: a shell between them waits for the end of a pipe that only the
 * worker holds, and then kills the program. Windows has no such shell; there the program is killed by `kill` alone.
 */
import { spawn } from "node:child_process";
import type { ChildProcessByStdio } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Readable, Writable } from "node:stream";

/** Length of the program's last output that is told with its end. */
const LAST_WORDS_CHARS = 300;
/** A program that was asked to end and is still there after this is killed. */
const END_MAX_MS = 1_000;

const GUARD = `
exec 3<&0 </dev/null
"$@" 3<&- &
program=$!
trap '' TERM INT HUP
{ read -r _ <&3; kill -9 "$program"; } 2>/dev/null &
guard=$!
wait "$program"
code=$?
kill -9 "$guard"
exit "$code"
`;

export interface ProgramOptions {
  /** Holds the program and its libraries. */
  folder: string;
  /** Without the ending that Windows wants. */
  program: string;
  args: readonly string[];
  /** On top of what every program may know of the environment. */
  environment?: Readonly<Record<string, string>>;
  /** Shell commands before it starts, where there is a shell. */
  limits?: string;
  /** Whose process it is, where that is not the worker's user. */
  user?: { uid: number; gid: number };
  /** All that it writes, as it comes, with the end of what came before. */
  hear?: (words: string) => void;
}

export class GuardedProcess {
  readonly #child: ChildProcessByStdio<Writable, Readable, Readable>;
  readonly #exited: Promise<string>;
  readonly #hear: (words: string) => void;
  #words = "";
  #hasEnded = false;

  constructor(options: ProgramOptions) {
    const { folder, program, environment = {}, user = {}, hear = () => {} } = options;
    this.#hear = hear;
    const [command, args] = commandOf(options);
    this.#child = spawn(command, args, {
      stdio: ["pipe", "pipe", "pipe"],
      // A group of its own: Ctrl-C does not reach it, and a signal to the group reaches all of it.
      detached: process.platform !== "win32",
      env: { ...keptEnvironment(), ...environmentIn(folder), ...environment },
      ...user,
    });
    for (const stream of [this.#child.stdout, this.#child.stderr])
      stream.setEncoding("utf8").on("data", (text: string) => this.#heard(text));
    this.#child.stdin.on("error", () => {});
    this.#exited = new Promise((resolve) => {
      this.#child.once("error", (error) => resolve(`it could not be started: ${error.message}`));
      this.#child.once("exit", (code, signal) => resolve(howItEnded(program, code, signal)));
    });
    void this.#tidyUp();
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  get hasEnded(): boolean {
    return this.#hasEnded;
  }

  /** Why it ended, with the end of what it wrote. */
  get ended(): Promise<string> {
    return this.#exited.then((why) => `${why}${this.#words.trim() ? `: ${this.#words.trim()}` : ""}`);
  }

  /** The program's own, behind the shell. @throws where the system does not say */
  programPid(): number {
    const children = readFileSync(`/proc/${this.#child.pid}/task/${this.#child.pid}/children`, "utf8");
    return Number(children.split(" ")[0]);
  }

  /** Asks it to end, and kills it when it does not. */
  async end(): Promise<void> {
    this.signal("SIGTERM");
    const timer = setTimeout(() => this.signal("SIGKILL"), END_MAX_MS);
    await this.#exited;
    clearTimeout(timer);
  }

  /** Its whole group. */
  signal(signal: NodeJS.Signals): void {
    const { pid } = this.#child;
    if (pid === undefined) return;
    try {
      if (process.platform === "win32") this.#child.kill(signal);
      else process.kill(-pid, signal);
    } catch {
      // It has ended already.
    }
  }

  async #tidyUp(): Promise<void> {
    await this.#exited;
    this.#hasEnded = true;
    // What is left of its group, if only its first process was killed.
    this.signal("SIGKILL");
    this.#child.stdin.destroy();
  }

  #heard(text: string): void {
    const words = this.#words + text;
    this.#hear(words);
    this.#words = words.slice(-LAST_WORDS_CHARS);
  }
}

function commandOf({ folder, program, args, limits = "" }: ProgramOptions): [string, string[]] {
  if (process.platform === "win32") return [join(folder, `${program}.exe`), [...args]];
  return ["/bin/sh", ["-c", `${limits}\n${GUARD}`, "sh", join(folder, program), ...args]];
}

/** What a program may know of this worker's environment: where programs are, and which cards it may use. */
const KEPT =
  /^(PATH|HOME|TMPDIR|TEMP|SystemRoot|CUDA_VISIBLE_DEVICES|GGML_VK_VISIBLE_DEVICES|VK_(ICD_FILENAMES|DRIVER_FILES))$/;

function keptEnvironment(): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => KEPT.test(name)));
}

/** When it aborts it would otherwise call a debugger first, which takes a second and hides its last words. */
function environmentIn(folder: string): Record<string, string> {
  return { DYLD_LIBRARY_PATH: folder, LD_LIBRARY_PATH: folder, GGML_NO_BACKTRACE: "1" };
}

function howItEnded(program: string, code: number | null, signal: NodeJS.Signals | null): string {
  // A shell tells its child's signal as 128 and its number.
  const illegal = signal === "SIGILL" || code === 128 + 4 || code === 0xc000001d;
  if (illegal) return "this processor lacks an instruction that this build of llama.cpp uses (SIGILL)";
  return `${program} ended (${signal ?? `exit ${code}`})`;
}
