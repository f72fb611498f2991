import { lazyPart } from "../../lib/lazy-part.tsx";

/** Prefetched, so that the parser is usually loaded before it is needed. */
export const Markdown = lazyPart(() => import("./Markdown.tsx"));
