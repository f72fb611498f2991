import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { Button } from "../../components/Button.tsx";
import { TextArea } from "../../components/Input.tsx";
import { useToast } from "../../components/Toast.tsx";
import { useFailed } from "../../components/use-failed.ts";
import { answerOnce } from "../../lib/api.ts";
import { useApi, useT } from "../../lib/app-context.ts";

/** As the server takes them. */
const WORDS_MIN = 3;
const WORDS_MAX = 1_000;

/** A word to the operator. @param worker  the machine it is about; null: it is about a slash */
export function AppealForm({ worker, onDone }: { worker: string | null; onDone: () => void }) {
  const t = useT();
  const api = useApi();
  const toast = useToast();
  const [words, setWords] = useState("");
  const appeal = useMutation({
    mutationFn: () => answerOnce(() => api.my.appeals.$post({ json: { worker, words: words.trim() } })),
    onSuccess: () => {
      toast({ text: t("machines.appeal_sent") });
      onDone();
    },
    onError: useFailed(),
  });
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        appeal.mutate();
      }}
    >
      <TextArea
        label={t("machines.appeal_words")}
        foot={t("machines.appeal_about")}
        maxLength={WORDS_MAX}
        value={words}
        onChange={(event) => setWords(event.target.value)}
      />
      <div className="button-row">
        <Button onClick={onDone}>{t("app.cancel")}</Button>
        <Button look="accent" type="submit" busy={appeal.isPending} disabled={words.trim().length < WORDS_MIN}>
          {t("machines.appeal_send")}
        </Button>
      </div>
    </form>
  );
}
