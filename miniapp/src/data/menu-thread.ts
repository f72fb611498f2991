import type { ComponentType } from "react";

/** As much of a chat as its menu needs. */
export interface MenuThread {
  id: string;
  title: string;
  /** Whether what one writes to the bot goes on in this chat. */
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

/** The menu of one chat. Several features make it, so the app hands it to the screens that open it. */
export type ThreadActionsView = ComponentType<ThreadActionsProps>;
