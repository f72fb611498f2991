/** A block with formulas. Its libraries are larger than the rest of the app, so they are loaded with the first one. */
import ReactMarkdown from "react-markdown";
import rehypeKatex from "rehype-katex";
import remarkGfm from "remark-gfm";
import remarkMath from "remark-math";
import { COMPONENTS } from "./components.tsx";
import { operatorSpaces } from "./operator-spaces.ts";

/** MathML is rendered by the browser itself, without our own fonts or styles, and is read by screen readers. */
const KATEX = { output: "mathml", throwOnError: false, trust: false, maxExpand: 200, maxSize: 20 } as const;

export default function MarkdownWithFormulas({ text }: { text: string }) {
  return (
    <ReactMarkdown
      remarkPlugins={[remarkGfm, [remarkMath, { singleDollarTextMath: false }]]}
      rehypePlugins={[[rehypeKatex, KATEX], operatorSpaces]}
      components={COMPONENTS}
    >
      {text}
    </ReactMarkdown>
  );
}
