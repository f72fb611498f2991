import { useMutation } from "@tanstack/react-query";
import { useEffect, useRef, useState } from "react";
import type { PairingOffer } from "@starai/protocol/contributor";
import { ServerRefused } from "@starai/server/client";
import { Button } from "../../components/Button.tsx";
import { Input } from "../../components/Input.tsx";
import { Section } from "../../components/Section.tsx";
import { answer } from "../../lib/api.ts";
import { useApi, useT } from "../../lib/app-context.ts";
import { pairingCode } from "./pairing-code.ts";

interface PairCodeProps {
  given: string;
  onOffer: (code: string, offer: PairingOffer) => void;
}

/** The code is looked up before anything is paired; one that a link carried is looked up by itself, once. */
export function PairCode({ given, onOffer }: PairCodeProps) {
  const t = useT();
  const api = useApi();
  const [typed, setTyped] = useState(given);
  const code = pairingCode(typed);
  const look = useMutation({
    mutationFn: (asked: string) => answer<PairingOffer>(() => api.my.machines.offer.$post({ json: { code: asked } })),
    onSuccess: (offer, asked) => onOffer(asked, offer),
  });
  const carried = useRef(pairingCode(given));
  const { mutate } = look;
  useEffect(() => {
    const asked = carried.current;
    carried.current = null;
    if (asked !== null) mutate(asked);
  }, [mutate]);
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        if (code !== null) look.mutate(code);
      }}
    >
      <Section foot={t("machines.pair.code_foot")}>
        <Input
          label={t("machines.pair.code")}
          value={typed}
          onChange={(event) => {
            look.reset();
            setTyped(event.target.value);
          }}
          fault={faultOf(look.error, t("machines.pair.failed"))}
          autoComplete="off"
          autoCapitalize="characters"
          spellCheck={false}
          maxLength={20}
        />
        <div className="pair-pad">
          <Button look="accent" wide type="submit" busy={look.isPending} disabled={code === null}>
            {t("machines.pair.look")}
          </Button>
        </div>
      </Section>
    </form>
  );
}

function faultOf(error: Error | null, failed: string): string | undefined {
  if (error === null) return undefined;
  return error instanceof ServerRefused && !error.mayPass ? error.message : failed;
}
