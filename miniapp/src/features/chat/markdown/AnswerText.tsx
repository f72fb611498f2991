import { Suspense, lazy, memo, useMemo } from "react";
import { CodeBlock } from "./CodeBlock.tsx";
import { openFence, splitBlocks } from "./split-blocks.ts";
import "./AnswerText.css";

/** Called early, the parser is there by the time there is something to parse. */
export const loadMarkdown = () => import("./Markdown.tsx");

const Markdown = lazy(loadMarkdown);

/** An answer as formatted text, with a cursor at its end while it is written. Blocks that did not change are not drawn again, so it may grow 60 times a second. */
export function AnswerText({ text, writing = false }: { text: string; writing?: boolean }) {
  const blocks = useMemo(() => splitBlocks(text), [text]);
  return (
    <div className={`answer-text ${writing ? "answer-writing" : ""}`}>
      {blocks.map((block, at) => (
        // Blocks keep their place while the text grows, so the place is what names them.
        // oxlint-disable-next-line react/no-array-index-key
        <Block key={at} text={block} />
      ))}
    </div>
  );
}

const Block = memo(function Block({ text }: { text: string }) {
  const fence = openFence(text);
  if (fence) return <CodeBlock code={fence.code} language={fence.language} writing />;
  return (
    <Suspense
      fallback={
        <p className="answer-plain" dir="auto">
          {text}
        </p>
      }
    >
      <Markdown text={text} />
    </Suspense>
  );
});
