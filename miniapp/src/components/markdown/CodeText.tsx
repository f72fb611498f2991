import { useEffect, useState } from "react";
import type { CodePiece } from "./highlight.ts";
import { colouredAs } from "./languages.ts";

/** More than anybody reads as one block in a chat; longer code stays plain, so that colouring never makes the app wait. */
const COLOURED_CHARS_MAX = 20_000;

/** Code in colours once they are there, plain until then and in languages nobody taught us. */
export function CodeText({ code, language }: { code: string; language: string }) {
  const pieces = usePieces(code, language);
  if (pieces === null) return <code>{code}</code>;
  return (
    <code>
      {pieces.map(({ text, kind }, at) =>
        // The pieces of one code have no identity but their place.
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
      // Without its colours code is still code.
      .catch(() => undefined);
    return () => {
      here = false;
    };
  }, [code, known]);
  return found?.code === code && known !== null ? found.pieces : null;
}
