/**
 * What a worker's `done.commitment` says of its lease: SHA-256, in hex, over
 *
 *   starai/commitment/v1 ⏎ job ⏎ fence ⏎ SHA-256 of the model's file ⏎   and each token id as 32 bits, big-endian
 *
 * with the ids of all `tokens` frames of this lease, in their order; not those of earlier attempts. The pool has received all of
 * it, so it computes the same and accepts no other. An engine that tells no ids sends none.
 *
 * A check of the model itself needs more than the ids: what the worker says each token's log-probability, or a fingerprint of
 * its activations, was. That will be a version of its own, whose text ends with the hash of those facts: the worker is bound to
 * them before it learns which of its jobs are checked, and shows them for those.
 */
const VERSION = "starai/commitment/v1";
const ID_BYTES = 4;

export interface CommittedLease {
  readonly job: string;
  readonly fence: number;
  /** Of the model's file. */
  readonly sha256: string;
}

/** What is hashed before the ids. */
export function commitmentHead({ job, fence, sha256 }: CommittedLease): string {
  return `${[VERSION, job, fence, sha256].join("\n")}\n`;
}

/** What is hashed for some ids. */
export function idBytes(ids: readonly number[]): Uint8Array {
  const bytes = new Uint8Array(ids.length * ID_BYTES);
  const view = new DataView(bytes.buffer);
  for (const [at, id] of ids.entries()) view.setUint32(at * ID_BYTES, id);
  return bytes;
}
