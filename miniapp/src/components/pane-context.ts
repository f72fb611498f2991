import { createContext } from "react";

/** Whether what is drawn stands beside the screen, so that the window's heading, title and way back are not its own. */
export const PaneContext = createContext(false);
