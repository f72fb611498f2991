/** A sheet that creates, copies, updates and removes the read-only link to a chat. */
import { Button } from "../../components/Button.tsx";
import { Failed } from "../../components/Failed.tsx";
import { Input } from "../../components/Input.tsx";
import { Sheet } from "../../components/Sheet.tsx";
import { Loading, Skeleton } from "../../components/Skeleton.tsx";
import { useCopy } from "../../components/use-copy.ts";
import { useT } from "../../lib/app-context.ts";
import { linkOf, useShare, useShareChange } from "./use-share.ts";
import type { Share } from "./use-share.ts";

export function ShareSheet({ threadId, onClose }: { threadId: string; onClose: () => void }) {
  const t = useT();
  const { data, error, refetch } = useShare(threadId);
  return (
    <Sheet title={t("app.share.title")} onClose={onClose}>
      <p className="sheet-pad">{t("app.share.text")}</p>
      <div className="sheet-pad">
        {data !== undefined ? (
          <ShareChoices threadId={threadId} share={data.share} />
        ) : error === null ? (
          <Loading label={t("app.loading")}>
            <Skeleton width="100%" height="2.5em" />
          </Loading>
        ) : (
          <Failed error={error} onRetry={() => void refetch()} />
        )}
      </div>
    </Sheet>
  );
}

function ShareChoices({ threadId, share }: { threadId: string; share: Share | null }) {
  const t = useT();
  const copy = useCopy();
  const { make, end } = useShareChange(threadId);
  if (share === null)
    return (
      <div className="button-row">
        <Button look="accent" busy={make.isPending} onClick={() => make.mutate("created")}>
          {t("app.share.create")}
        </Button>
      </div>
    );
  const link = linkOf(share.id);
  return (
    <>
      <Input label={t("app.share.link")} readOnly value={link} onFocus={(event) => event.target.select()} />
      <div className="button-row">
        <Button look="accent" onClick={() => void copy(link)}>
          {t("app.share.copy")}
        </Button>
        {share.behind && (
          <Button busy={make.isPending} onClick={() => make.mutate("renewed")}>
            {t("app.share.renew")}
          </Button>
        )}
        <Button look="danger" busy={end.isPending} onClick={() => end.mutate()}>
          {t("app.share.end")}
        </Button>
      </div>
    </>
  );
}
