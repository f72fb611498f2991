/** Paying in outside Telegram: signing in by a wallet that was connected in the app, then paying by it or by hand. */
import { useEffect } from "react";
import type { ReactNode } from "react";
import { Suspense } from "react";
import { Button } from "../../components/Button.tsx";
import { ErrorBoundary } from "../../components/ErrorBoundary.tsx";
import { Failed } from "../../components/Failed.tsx";
import { Placeholder } from "../../components/Placeholder.tsx";
import { useBotLink } from "../../data/bot-link.ts";
import { useT } from "../../lib/app-context.ts";
import { lazyPart } from "../../lib/lazy-part.tsx";
import type { PaySession } from "../../lib/pay-session.ts";
import { CoinsSkeleton } from "./CoinsSkeleton.tsx";
import { useIsSignedIn, usePayTerms, useSignIn, useSignOut } from "./use-pay-session.ts";
import type { PayTerms } from "./use-pay-session.ts";
import "../../lib/late-texts.ts";
import "./coins.css";
import "./pay.css";

const PayDesk = lazyPart(() => import("./PayDesk.tsx"));

export function PayPage({ session }: { session: PaySession }) {
  const t = useT();
  const { data: terms, error, refetch } = usePayTerms();
  const title = terms ? t("wallet.coins.top_up", { coin: terms.coin }) : t("wallet.title");
  useEffect(() => {
    document.title = `${title} — StarAI`;
  }, [title]);
  if (terms) return <Opened title={title} terms={terms} session={session} />;
  return (
    <Frame title={title}>
      {terms === null ? (
        <Placeholder icon="wallet" title={t("wallet.coins.none")} text={t("wallet.coins.none_text")} />
      ) : error === null ? (
        <CoinsSkeleton />
      ) : (
        <PageFailed error={error} onRetry={() => void refetch()} />
      )}
    </Frame>
  );
}

function Opened({ title, terms, session }: { title: string; terms: PayTerms; session: PaySession }) {
  const t = useT();
  const signedIn = useIsSignedIn(session);
  const signOut = useSignOut(terms, session);
  if (!signedIn)
    return (
      <Frame title={title}>
        <SignIn terms={terms} session={session} />
      </Frame>
    );
  return (
    <Frame
      title={title}
      action={
        <Button busy={signOut.isPending} onClick={() => signOut.mutate()}>
          {t("wallet.pay.sign_out")}
        </Button>
      }
    >
      <ErrorBoundary face={PageFailed}>
        <Suspense fallback={<CoinsSkeleton />}>
          <PayDesk />
        </Suspense>
      </ErrorBoundary>
    </Frame>
  );
}

function Frame({ title, action, children }: { title: string; action?: ReactNode; children: ReactNode }) {
  return (
    <div className="pay">
      <header className="pay-header">
        <h1>{title}</h1>
        {action}
      </header>
      <main>{children}</main>
    </div>
  );
}

function SignIn({ terms, session }: { terms: PayTerms; session: PaySession }) {
  const t = useT();
  const { start, isBusy, isUnknown } = useSignIn(terms, session);
  return (
    <>
      <Placeholder
        icon="wallet"
        title={t("wallet.pay.sign_in_title")}
        text={t("wallet.pay.sign_in_text")}
        action={
          <Button look="accent" busy={isBusy} onClick={start}>
            {t("wallet.pay.sign_in")}
          </Button>
        }
      />
      <p className="pay-busy" role="status">
        {isBusy && t("wallet.coins.connect.busy")}
      </p>
      <div role="alert">{isUnknown && <Unknown />}</div>
    </>
  );
}

/** Wallets are connected in the app alone, where their person is known. */
function Unknown() {
  const t = useT();
  const bot = useBotLink();
  return (
    <Placeholder
      icon="warning"
      title={t("wallet.pay.unknown")}
      text={t("wallet.pay.unknown_text")}
      action={
        bot !== null && (
          <a className="button button-quiet" href={`${bot}?startapp=wallet`}>
            {t("wallet.pay.bind")}
          </a>
        )
      }
    />
  );
}

function PageFailed({ error, onRetry }: { error: unknown; onRetry: () => void }) {
  const t = useT();
  return <Failed error={error} text={t("wallet.coins.failed")} onRetry={onRetry} />;
}
