import { useEffect, useState } from "react";
import type { CodePiece } from "./highlight.ts";
import { colouredAs } from "./languages.ts";

/** Longer code stays plain, so that colouring never blocks the app; more than anybody reads as one block in a chat. */
const COLOURED_CHARS_MAX = 20_000;

/** Code in colours; plain until the highlighter is loaded, and in languages it does not know. */
export function CodeText({ code, language }: { code: string; language: string }) {
  const pieces = usePieces(code, language);
  if (pieces === null) return <code>{code}</code>;
  return (
    <code>
      {pieces.map(({ text, kind }, at) =>
        // Pieces of code are identified by their index alone.
        // oxlint-disable-next-line react/no-array-index-key
        kind === null ? (
          text
        ) : (
          <span key={at} className={kind}>
            {text}
          </span>
        ),
      )}
    </code>
  );
}

function usePieces(code: string, language: string): CodePiece[] | null {
  const [found, setFound] = useState<{ code: string; pieces: CodePiece[] } | null>(null);
  const known = colouredAs(language);
  useEffect(() => {
    if (known === null || code.length > COLOURED_CHARS_MAX) return undefined;
    let here = true;
    import("./highlight.ts")
      .then(({ piecesOf }) => here && setFound({ code, pieces: piecesOf(code, known) }))
      // Without the highlighter the code stays plain.
      .catch(() => undefined);
    return () => {
      here = false;
    };
  }, [code, known]);
  return found?.code === code && known !== null ? found.pieces : null;
}
