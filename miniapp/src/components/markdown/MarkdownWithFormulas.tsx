/** A block that has formulas; its libraries are larger than everything else together, so they come when one is met. */
import ReactMarkdown from "react-markdown";
import rehypeKatex from "rehype-katex";
import remarkGfm from "remark-gfm";
import remarkMath from "remark-math";
import { COMPONENTS } from "./components.tsx";
import { operatorSpaces } from "./operator-spaces.ts";

/** MathML is drawn by the browser itself, without fonts or styles of ours, and is read by screen readers. */
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
