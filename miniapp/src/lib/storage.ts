/**
 * The browser's storage, which may be refused, missing or full: private windows, strict settings, other apps' frames.
 * Nothing else in the app touches it. What cannot be kept by the browser is kept in memory, until the page goes.
 */

export type KeptText = Pick<Storage, "getItem" | "setItem" | "removeItem">;

export interface OwnStorage extends KeptText {
  /** Whether what is kept here is still there after a reload. */
  lasts: () => boolean;
  /** Forgets everything. */
  clear: () => void;
}

const PROBE = "starai.probe";

export function openStorage(name: "localStorage" | "sessionStorage"): OwnStorage {
  /** What the browser did not take: as few names as the app has. `null` stands for what it did not remove. */
  const memory = new Map<string, string | null>();
  /** Even asking for the storage may throw, and it may be null. */
  const reach = (action: (storage: Storage) => void): boolean => {
    try {
      action(window[name]);
      return true;
    } catch {
      return false;
    }
  };
  const write = (key: string, value: string | null, action: (storage: Storage) => void) => {
    if (reach(action)) memory.delete(key);
    else memory.set(key, value);
  };
  return {
    getItem: (key) => {
      let value = memory.get(key) ?? null;
      if (!memory.has(key)) reach((storage) => (value = storage.getItem(key)));
      return value;
    },
    setItem: (key, value) => write(key, value, (storage) => storage.setItem(key, value)),
    removeItem: (key) => write(key, null, (storage) => storage.removeItem(key)),
    clear: () => {
      memory.clear();
      reach((storage) => storage.clear());
    },
    lasts: () =>
      reach((storage) => {
        storage.setItem(PROBE, "1");
        storage.removeItem(PROBE);
      }),
  };
}
