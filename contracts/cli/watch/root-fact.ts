/** The verdict on a pending root: whether its published file says the same, and whether it takes earnings away. */
import type { Finding } from "../../offchain/compare-epoch.ts";
import type { Fact } from "./fact.ts";

export type RootVerdict =
  /** Nobody publishes the file, or it cannot be read: `why`. */
  | { kind: "unreadable"; why: string }
  | { kind: "checked"; epoch: number; leaves: number; findings: readonly Finding[] }
  /** It cannot be compared with the current root: `why`. */
  | { kind: "incomparable"; epoch: number; why: string }
  /** `done` says what the watch did about it. */
  | { kind: "lowers"; epoch: number; decrease: string; done: string };

export function rootFact(distributor: string, verdict: RootVerdict): Fact {
  const { says, alarming } = inWords(verdict);
  return { key: `${distributor} file`, says: `${distributor}: ${says}`, alarming };
}

function inWords(verdict: RootVerdict): { says: string; alarming: boolean } {
  switch (verdict.kind) {
    case "unreadable":
      return { says: `the pending root cannot be verified: ${verdict.why}; the guardian can veto it`, alarming: true };
    case "checked":
      return checkedInWords(verdict);
    case "incomparable":
      return {
        says: `the root of epoch ${verdict.epoch} is its file's, but whether it lowers a leaf is unknown: ${verdict.why}`,
        alarming: true,
      };
    case "lowers":
      return {
        says: `the root of epoch ${verdict.epoch} lowers a leaf: ${verdict.decrease}; ${verdict.done}`,
        alarming: true,
      };
  }
}

function checkedInWords({ epoch, leaves, findings }: RootVerdict & { kind: "checked" }) {
  const wrong = findings.filter(({ holds }) => !holds).map(({ statement }) => statement);
  if (wrong.length === 0)
    return { says: `the root of epoch ${epoch} is its file's: ${leaves} leaves, and nobody loses`, alarming: false };
  return {
    says: `the pending root is not its file's; untrue: ${wrong.join("; ")}; the guardian can veto it`,
    alarming: true,
  };
}
