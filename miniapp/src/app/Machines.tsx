import { Suspense } from "react";
import type { ContributorOverview } from "@starai/protocol/contributor";
import { ErrorBoundary } from "../components/ErrorBoundary.tsx";
import { ClaimPay, JoinPool, MachinesScreen } from "./parts.ts";

/** The screen of machines with its parts from other features. One that cannot be loaded leaves the rest as it is. */
export function Machines() {
  return <MachinesScreen join={Join} claim={Claim} />;
}

const NoFace = () => null;

function Join() {
  return (
    <ErrorBoundary face={NoFace}>
      <Suspense fallback={null}>
        <JoinPool />
      </Suspense>
    </ErrorBoundary>
  );
}

function Claim({ overview }: { overview: ContributorOverview }) {
  return (
    <ErrorBoundary face={NoFace}>
      <Suspense fallback={null}>
        <ClaimPay overview={overview} />
      </Suspense>
    </ErrorBoundary>
  );
}
