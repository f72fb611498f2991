/** The whole app: who may see what, and which screen belongs to which address. */
import { QueryClientProvider } from "@tanstack/react-query";
import type { QueryClient } from "@tanstack/react-query";
import { Suspense } from "react";
import type { ReactNode } from "react";
import { Redirect, Route, Router, Switch, useLocation } from "wouter";
import { useHashLocation } from "wouter/use-hash-location";
import { ErrorBoundary } from "../components/ErrorBoundary.tsx";
import { PaneContext } from "../components/pane-context.ts";
import { SkipLink } from "../components/SkipLink.tsx";
import { ToastProvider } from "../components/Toast.tsx";
import { useOwnLanguage } from "../features/settings/use-own-language.ts";
import { ThreadsScreen } from "../features/threads/ThreadsScreen.tsx";
import { AppContext, useSessionState } from "../lib/app-context.ts";
import type { AppContextValue } from "../lib/app-context.ts";
import { AwayBanner } from "./AwayBanner.tsx";
import { NoChatOpen } from "./NoChatOpen.tsx";
import { OutsideScreen } from "./OutsideScreen.tsx";
import { Machines } from "./Machines.tsx";
import { MoneySheets, WithSheet } from "./MoneySheets.tsx";
import {
  ChatScreen,
  CoinsScreen,
  CustodyScreen,
  HistoryScreen,
  KeysScreen,
  PairScreen,
  PoolScreen,
  PrivacyScreen,
  SettingsScreen,
  StakeScreen,
  TermsScreen,
  ThreadActions,
  TopUpCoinsScreen,
  WalletScreen,
  WithdrawScreen,
} from "./parts.ts";
import { ScreenFailed, ScreenLoading } from "./ScreenFaces.tsx";
import { SignedOutScreen } from "./SignedOutScreen.tsx";
import { Tabs } from "./Tabs.tsx";
import { useChanges } from "./use-changes.ts";
import { useShortcuts } from "./use-shortcuts.ts";
import { useWide } from "./use-wide.ts";
import { Vouchers } from "./Vouchers.tsx";
import "./App.css";

export function App({ app, queries }: { app: AppContextValue; queries: QueryClient }) {
  return (
    <AppContext value={app}>
      <QueryClientProvider client={queries}>
        {/* oxlint-disable-next-line react/hooks -- wouter takes the hook and calls it where hooks may be called. */}
        <Router hook={useHashLocation}>
          <ToastProvider>
            <SkipLink />
            <AwayBanner />
            <MoneySheets>
              <Screens />
            </MoneySheets>
          </ToastProvider>
        </Router>
      </QueryClientProvider>
    </AppContext>
  );
}

/** The pool's page, the terms and the privacy policy are public; every other screen needs a session. */
function Screens() {
  const session = useSessionState();
  useChanges();
  useOwnLanguage();
  if (session.kind === "inside") return <Inside />;
  return (
    <OneScreen>
      <Switch>
        <Route path="/pool">
          <PoolScreen />
        </Route>
        <Route path="/terms">
          <TermsScreen />
        </Route>
        <Route path="/privacy">
          <PrivacyScreen />
        </Route>
        <Route>{session.kind === "outside" ? <OutsideScreen /> : <SignedOutScreen code={session.code} />}</Route>
      </Switch>
    </OneScreen>
  );
}

/** One screen and the tabs; on a wide window, the list of chats beside the open screen. */
function Inside() {
  const wide = useWide();
  const [path] = useLocation();
  useShortcuts();
  return (
    <div className={wide ? "two-panes" : undefined}>
      {wide && (
        <PaneContext value={true}>
          <ThreadsScreen actions={ThreadActions} />
        </PaneContext>
      )}
      <OneScreen>
        <Switch>
          <Route path="/">{wide ? <NoChatOpen /> : <ThreadsScreen actions={ThreadActions} />}</Route>
          <Route path="/chats/:id">{({ id }) => <ChatScreen key={id} id={id} actions={ThreadActions} />}</Route>
          <Route path="/wallet">
            <WalletScreen />
          </Route>
          <Route path="/wallet/top-up">
            <WithSheet sheet="top_up">
              <WalletScreen />
            </WithSheet>
          </Route>
          <Route path="/wallet/limits">
            <WithSheet sheet="caps">
              <WalletScreen />
            </WithSheet>
          </Route>
          <Route path="/wallet/history">
            <HistoryScreen />
          </Route>
          <Route path="/wallet/receipts/:id">
            {({ id }) => (
              <WithSheet sheet="receipt" id={id}>
                <HistoryScreen />
              </WithSheet>
            )}
          </Route>
          <Route path="/wallet/coins">
            <CoinsScreen />
          </Route>
          <Route path="/wallet/coins/top-up">
            <TopUpCoinsScreen />
          </Route>
          <Route path="/wallet/coins/withdraw">
            <WithdrawScreen />
          </Route>
          <Route path="/wallet/coins/custody">
            <CustodyScreen />
          </Route>
          <Route path="/wallet/keys">
            <KeysScreen />
          </Route>
          <Route path="/terms">
            <TermsScreen />
          </Route>
          <Route path="/privacy">
            <PrivacyScreen />
          </Route>
          <Route path="/pool">
            <PoolScreen />
          </Route>
          <Route path="/machines">
            <Machines />
          </Route>
          <Route path="/machines/pair">
            <PairScreen />
          </Route>
          <Route path="/machines/pair/:code">{({ code }) => <PairScreen key={code} code={code} />}</Route>
          <Route path="/machines/stake">
            <StakeScreen />
          </Route>
          <Route path="/settings">
            <SettingsScreen />
          </Route>
          <Route>
            <Redirect to="/" replace />
          </Route>
        </Switch>
      </OneScreen>
      <Vouchers />
      {/* In a chat on a narrow window the composer takes the place of the tabs. */}
      {(wide || !path.startsWith("/chats/")) && <Tabs />}
    </div>
  );
}

/** Keeps a failure of one screen from affecting the others and the tabs. */
function OneScreen({ children }: { children: ReactNode }) {
  const [path] = useLocation();
  return (
    <ErrorBoundary key={path} face={ScreenFailed}>
      <Suspense fallback={<ScreenLoading />}>{children}</Suspense>
    </ErrorBoundary>
  );
}
