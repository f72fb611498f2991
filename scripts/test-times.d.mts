/** Milliseconds by file, as a path from the root. */
export function readTestTimes(root: string): Map<string, number>;

export interface TimedFile {
  file: string;
  ms: number;
  passed: boolean;
}

export function keepTestTimes(root: string, files: readonly TimedFile[]): void;
export function timesByWorkspace(files: readonly Pick<TimedFile, "file" | "ms">[]): string[];
