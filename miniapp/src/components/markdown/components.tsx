/**
 * How each part of Markdown is rendered. It comes from a model, so it is untrusted: links open through Telegram, and an
 * external picture is loaded only after a tap.
 */
import { isValidElement } from "react";
import type { ComponentProps, ReactNode } from "react";
import type { Components } from "react-markdown";
import { useApp, useT } from "../../lib/app-context.ts";
import { CodeBlock } from "./CodeBlock.tsx";
import { OutsideImage } from "./OutsideImage.tsx";

export const COMPONENTS: Components = {
  a: ({ href, children }) => <OutsideLink href={href}>{children}</OutsideLink>,
  img: ({ src, alt }) => <OutsideImage src={typeof src === "string" ? src : ""} alt={alt ?? ""} />,
  pre: ({ children }) => <CodeBlock {...codeIn(children)} />,
  table: ({ children }) => <Table>{children}</Table>,
  // The direction of each block follows its first letter.
  p: ({ children }) => <p dir="auto">{children}</p>,
  ul: ({ children, className }) => (
    <ul dir="auto" className={className}>
      {children}
    </ul>
  ),
  ol: ({ children, start }) => (
    <ol dir="auto" start={start}>
      {children}
    </ol>
  ),
  blockquote: ({ children }) => <blockquote dir="auto">{children}</blockquote>,
  // Headings of an answer rank below the screen's own.
  h1: ({ children }) => <h3 dir="auto">{children}</h3>,
  h2: ({ children }) => <h4 dir="auto">{children}</h4>,
  h3: ({ children }) => <h5 dir="auto">{children}</h5>,
  h4: ({ children }) => <h6 dir="auto">{children}</h6>,
  h5: ({ children }) => <h6 dir="auto">{children}</h6>,
  input: ({ checked }) => <span aria-hidden="true">{checked === true ? "☑ " : "☐ "}</span>,
};

function OutsideLink({ href, children }: { href: string | undefined; children: ReactNode }) {
  const { telegram } = useApp();
  if (href === undefined || href === "" || href.startsWith("#")) return <span>{children}</span>;
  return (
    <a
      href={href}
      rel="noopener noreferrer"
      onClick={(event) => {
        event.preventDefault();
        telegram.open(href);
      }}
    >
      {children}
    </a>
  );
}

/** Wide tables scroll in their own box, by keyboard too. */
function Table({ children }: { children: ReactNode }) {
  const t = useT();
  return (
    <div className="answer-table" role="group" aria-label={t("app.chat.table")} tabIndex={0}>
      <table dir="auto">{children}</table>
    </div>
  );
}

/** A fence arrives as `pre` around `code` with the language in its class. */
function codeIn(children: ReactNode): { code: string; language: string } {
  if (!isValidElement<ComponentProps<"code">>(children)) return { code: "", language: "" };
  const { className = "", children: inside } = children.props;
  const code = (Array.isArray(inside) ? inside.join("") : typeof inside === "string" ? inside : "").replace(/\n$/, "");
  return { code, language: /language-(\S+)/.exec(className)?.[1] ?? "" };
}
