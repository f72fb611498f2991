/** The app's late parts. The chats are where one begins; the rest comes when it is looked at, or before, when nothing else is to be done. */
import { lazyPart } from "../lib/lazy-part.tsx";

export const PoolScreen = lazyPart(() => import("../features/pool/PoolScreen.tsx"));
export const SettingsScreen = lazyPart(() => import("./SettingsRoute.tsx"));
// Its sheets bring the models and personas along: they are fetched when somebody opens a menu.
export const ThreadActions = lazyPart(() => import("./ThreadActions.tsx"));
export const ChatScreen = lazyPart(() => import("../features/chat/ChatScreen.tsx"));
