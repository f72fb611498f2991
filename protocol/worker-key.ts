import { z } from "zod";

export const hex = (bytes: number) => z.string().regex(new RegExp(`^[0-9a-f]{${bytes * 2}}$`));
export const WorkerKey = hex(32).describe("Ed25519 public key, lower-case hex; it is the worker's id");
export const Sha256 = hex(32);
