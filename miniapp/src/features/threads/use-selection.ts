import { useCallback, useState } from "react";

export interface Selection {
  ids: ReadonlySet<string>;
  toggle: (id: string) => void;
}

/** The selected chats; null outside selection mode. */
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
