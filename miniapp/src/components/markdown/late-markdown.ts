import { lazyPart } from "../../lib/lazy-part.tsx";

/** Prefetched, the parser is there by the time there is something to parse. */
export const Markdown = lazyPart(() => import("./Markdown.tsx"));
