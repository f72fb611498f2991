import type { ComponentType } from "react";

/** The fields of a chat that its menu needs. */
export interface MenuThread {
  id: string;
  title: string;
  /** Whether messages to the bot continue this chat. */
  current: boolean;
  pinned: boolean;
  archived: boolean;
}

export interface ThreadActionsProps {
  thread: MenuThread;
  at: { x: number; y: number };
  onClose: () => void;
  onDeleted?: () => void;
}

/** The menu of one chat. It combines several features, so the app passes it to the screens that open it. */
export type ThreadActionsView = ComponentType<ThreadActionsProps>;
