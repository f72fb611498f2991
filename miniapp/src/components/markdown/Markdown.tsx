/** One block of Markdown: raw HTML stays text, and the libraries for formulas are loaded with the first formula. */
import { Suspense } from "react";
import ReactMarkdown from "react-markdown";
import remarkGfm from "remark-gfm";
import { lazyPart } from "../../lib/lazy-part.tsx";
import { ErrorBoundary } from "../ErrorBoundary.tsx";
import { COMPONENTS } from "./components.tsx";
import { withFormulas } from "./formulas.ts";

const MarkdownWithFormulas = lazyPart(() => import("./MarkdownWithFormulas.tsx"));

export default function Markdown({ text }: { text: string }) {
  const formulas = withFormulas(text);
  const plain = (
    <ReactMarkdown remarkPlugins={[remarkGfm]} components={COMPONENTS}>
      {text}
    </ReactMarkdown>
  );
  if (!formulas.has) return plain;
  return (
    <ErrorBoundary face={() => plain}>
      <Suspense fallback={plain}>
        <MarkdownWithFormulas text={formulas.text} />
      </Suspense>
    </ErrorBoundary>
  );
}
