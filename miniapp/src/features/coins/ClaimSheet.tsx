import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { Button } from "../../components/Button.tsx";
import { TextArea } from "../../components/Input.tsx";
import { Sheet } from "../../components/Sheet.tsx";
import { useToast } from "../../components/Toast.tsx";
import { useFailed } from "../../components/use-failed.ts";
import { answerOnce } from "../../lib/api.ts";
import { useApi, useT } from "../../lib/app-context.ts";

const WORDS_MIN = 3;
const WORDS_MAX = 500;

/** For a deposit that nobody could be found for: what the person knows of it goes to the operator. */
export function ClaimSheet({ onClose }: { onClose: () => void }) {
  const t = useT();
  const [words, setWords] = useState("");
  const claim = useClaim(onClose);
  return (
    <Sheet title={t("wallet.coins.claim")} onClose={onClose}>
      <form
        className="sheet-pad"
        onSubmit={(event) => {
          event.preventDefault();
          claim.mutate(words.trim());
        }}
      >
        <p>{t("wallet.coins.claim.text")}</p>
        <TextArea
          label={t("wallet.coins.claim.words")}
          foot={t("wallet.coins.claim.hint")}
          maxLength={WORDS_MAX}
          value={words}
          onChange={(event) => setWords(event.target.value)}
        />
        <div className="button-row">
          <Button onClick={onClose}>{t("app.cancel")}</Button>
          <Button look="accent" type="submit" busy={claim.isPending} disabled={words.trim().length < WORDS_MIN}>
            {t("wallet.coins.claim.send")}
          </Button>
        </div>
      </form>
    </Sheet>
  );
}

function useClaim(onSent: () => void) {
  const t = useT();
  const api = useApi();
  const toast = useToast();
  return useMutation({
    mutationFn: (words: string) => answerOnce(() => api.my.deposits.claims.$post({ json: { words } })),
    onSuccess: () => {
      toast({ text: t("wallet.coins.claim.sent") });
      onSent();
    },
    onError: useFailed(),
  });
}
