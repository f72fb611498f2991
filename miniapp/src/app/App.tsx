/** The whole app: who may see what, and which screen belongs to which address. */
import { QueryClientProvider } from "@tanstack/react-query";
import type { QueryClient } from "@tanstack/react-query";
import { Suspense, lazy } from "react";
import { Redirect, Route, Router, Switch } from "wouter";
import { useHashLocation } from "wouter/use-hash-location";
import { ErrorBoundary } from "../components/ErrorBoundary.tsx";
import { Failed } from "../components/Failed.tsx";
import { ToastProvider } from "../components/Toast.tsx";
import { useOwnLanguage } from "../features/settings/use-own-language.ts";
import { ThreadsScreen } from "../features/threads/ThreadsScreen.tsx";
import { AppContext, useSessionState } from "./app-context.ts";
import type { AppContextValue } from "./app-context.ts";
import { OfflineBanner } from "./OfflineBanner.tsx";
import { OutsideScreen } from "./OutsideScreen.tsx";
import { SignedOutScreen } from "./SignedOutScreen.tsx";
import { Tabs } from "./Tabs.tsx";
import { useChanges } from "./use-changes.ts";

// The chats are where one begins; the rest comes when it is looked at: the plot with the pool, Markdown with the chat.
const PoolScreen = lazy(() => import("../features/pool/PoolScreen.tsx"));
const SettingsScreen = lazy(() => import("../features/settings/SettingsScreen.tsx"));
const ChatScreen = lazy(() => import("../features/chat/ChatScreen.tsx"));

export function App({ app, queries }: { app: AppContextValue; queries: QueryClient }) {
  return (
    <AppContext value={app}>
      <QueryClientProvider client={queries}>
        {/* oxlint-disable-next-line react/hooks -- wouter takes the hook itself, and calls it where hooks may be called. */}
        <Router hook={useHashLocation}>
          <ToastProvider>
            <OfflineBanner />
            <ErrorBoundary face={Failed}>
              <Suspense fallback={null}>
                <Screens />
              </Suspense>
            </ErrorBoundary>
          </ToastProvider>
        </Router>
      </QueryClientProvider>
    </AppContext>
  );
}

/** The pool's page is public; everything else is a person's own. */
function Screens() {
  const session = useSessionState();
  useChanges();
  useOwnLanguage();
  return (
    <Switch>
      <Route path="/pool">
        <PoolScreen />
        <Tabs />
      </Route>
      {session.kind === "outside" && (
        <Route>
          <OutsideScreen />
        </Route>
      )}
      {session.kind === "signed_out" && (
        <Route>
          <SignedOutScreen code={session.code} />
        </Route>
      )}
      <Route path="/">
        <ThreadsScreen />
        <Tabs />
      </Route>
      <Route path="/chats/:id">{({ id }) => <ChatScreen key={id} id={id} />}</Route>
      <Route path="/settings">
        <SettingsScreen />
        <Tabs />
      </Route>
      <Route>
        <Redirect to="/" replace />
      </Route>
    </Switch>
  );
}
