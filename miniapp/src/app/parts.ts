/** The parts of the app that are loaded late: when first shown, or earlier while the browser is idle. */
import { lazyPart } from "../lib/lazy-part.tsx";

export const PoolScreen = lazyPart(() => import("../features/pool/PoolScreen.tsx"));
export const SettingsScreen = lazyPart(() => import("./SettingsRoute.tsx"));
// Includes the sheets of models and personas, so it is fetched when a menu is opened.
export const ThreadActions = lazyPart(() => import("./ThreadActions.tsx"));
export const ChatScreen = lazyPart(() => import("../features/chat/ChatScreen.tsx"));
