import { createContext } from "react";

/** Whether the children are in the pane beside the screen, which sets no window title, heading or way back. */
export const PaneContext = createContext(false);
