/** Pairing: the code that a machine's terminal shows, the machine that it belongs to, and the person's word that it is theirs. */
import { useState } from "react";
import type { PairingOffer } from "@starai/protocol/contributor";
import { Screen } from "../../components/Screen.tsx";
import { useT } from "../../lib/app-context.ts";
import { OwnerCode } from "./OwnerCode.tsx";
import { PairCode } from "./PairCode.tsx";
import { PairDone } from "./PairDone.tsx";
import { PairOffer } from "./PairOffer.tsx";
import "../../lib/late-texts.ts";
import "./pair.css";

type Step =
  | { kind: "code"; given: string }
  | { kind: "offer"; code: string; offer: PairingOffer }
  | { kind: "done"; name: string };

/** @param code  as a link carried it; empty where it is to be typed */
export default function PairScreen({ code = "" }: { code?: string }) {
  const t = useT();
  const [step, setStep] = useState<Step>({ kind: "code", given: code });
  return (
    <Screen title={t("machines.pair.title")} back="/machines">
      {step.kind === "code" && (
        <>
          <PairCode given={step.given} onOffer={(typed, offer) => setStep({ kind: "offer", code: typed, offer })} />
          <OwnerCode />
        </>
      )}
      {step.kind === "offer" && (
        <PairOffer
          code={step.code}
          offer={step.offer}
          onPaired={() => setStep({ kind: "done", name: step.offer.name })}
          onOther={() => setStep({ kind: "code", given: "" })}
        />
      )}
      {step.kind === "done" && <PairDone name={step.name} />}
    </Screen>
  );
}
