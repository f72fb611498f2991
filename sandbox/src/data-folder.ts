/** The sandbox's data folder: STARAI_HOME, or else the system's usual place for program data. */
import os from "node:os";
import path from "node:path";

interface Machine {
  readonly env: Record<string, string | undefined>;
  readonly platform: NodeJS.Platform;
  readonly isRoot: boolean;
  readonly home: string;
}

/** Root gets /var/lib, since its home is closed to the unprivileged account that PostgreSQL runs under. */
export function dataFolder({ env, platform, isRoot, home }: Machine): string {
  if (env.STARAI_HOME) return path.resolve(env.STARAI_HOME);
  if (platform === "win32") return path.join(env.LOCALAPPDATA ?? path.join(home, "AppData", "Local"), "starai");
  if (isRoot) return "/var/lib/starai";
  if (platform === "darwin") return path.join(home, "Library", "Application Support", "starai");
  return path.join(env.XDG_DATA_HOME ?? path.join(home, ".local", "share"), "starai");
}

export function thisMachine(env: Record<string, string | undefined>): Machine {
  return { env, platform: process.platform, isRoot: process.getuid?.() === 0, home: os.homedir() };
}
