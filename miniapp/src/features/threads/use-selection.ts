import { useCallback, useState } from "react";

export interface Selection {
  ids: ReadonlySet<string>;
  toggle: (id: string) => void;
}

/** Which of several chats are chosen; null while none are to be. */
export function useSelection() {
  const [ids, setIds] = useState<ReadonlySet<string> | null>(null);
  const toggle = useCallback(
    (id: string) =>
      setIds((before) => {
        const after = new Set(before);
        if (!after.delete(id)) after.add(id);
        return after;
      }),
    [],
  );
  return {
    selection: ids === null ? null : { ids, toggle },
    choose: (chosen: Iterable<string>) => setIds(new Set(chosen)),
    end: useCallback(() => setIds(null), []),
  };
}
