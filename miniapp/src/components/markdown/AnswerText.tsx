import { Suspense, memo, useMemo } from "react";
import { ErrorBoundary } from "../ErrorBoundary.tsx";
import { CodeBlock } from "./CodeBlock.tsx";
import { Markdown } from "./late-markdown.ts";
import { openFence, splitBlocks } from "./split-blocks.ts";
import "./AnswerText.css";

/**
 * An answer as formatted text, with a cursor at its end while it is written. Unchanged blocks are not rendered again, so
 * that the text can grow 60 times a second.
 */
export function AnswerText({ text, writing = false }: { text: string; writing?: boolean }) {
  const blocks = useMemo(() => splitBlocks(text), [text]);
  return (
    <div className={`answer-text ${writing ? "answer-writing" : ""}`}>
      {blocks.map((block, at) => (
        // Blocks keep their place while the text grows, so the index identifies them.
        // oxlint-disable-next-line react/no-array-index-key
        <Block key={at} text={block} />
      ))}
    </div>
  );
}

const Block = memo(function Block({ text }: { text: string }) {
  const fence = openFence(text);
  if (fence) return <CodeBlock code={fence.code} language={fence.language} writing />;
  const plain = (
    <p className="answer-plain" dir="auto">
      {text}
    </p>
  );
  return (
    // Falls back to the unformatted text, which is still the answer.
    <ErrorBoundary face={() => plain}>
      <Suspense fallback={plain}>
        <Markdown text={text} />
      </Suspense>
    </ErrorBoundary>
  );
});
