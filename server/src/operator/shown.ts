/** How commands print a time, and what others wrote. */

/** In UTC, e.g. 2026-11-30 01:25. */
export const minute = (at: Date): string => at.toISOString().slice(0, 16).replace("T", " ");

/** Nothing that came from outside may steer a terminal, or fill it. */
export const shown = (text: string): string => text.replaceAll(/\p{C}/gu, " ").slice(0, 300);
