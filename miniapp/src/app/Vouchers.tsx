import { Suspense } from "react";
import { ErrorBoundary } from "../components/ErrorBoundary.tsx";
import { useCustodyMark } from "../data/custody-mark.ts";
import { VoucherSigner } from "./parts.ts";

/** Signs for the answers of those who keep their coins themselves, on devices that can. Nothing is shown, nor if it fails. */
export function Vouchers() {
  const { marked } = useCustodyMark();
  if (!marked) return null;
  return (
    <ErrorBoundary face={NoFace}>
      <Suspense fallback={null}>
        <VoucherSigner />
      </Suspense>
    </ErrorBoundary>
  );
}

const NoFace = () => null;
