/**
 * The browser's storage, which may be refused, missing or full: private windows, strict settings, other apps' frames.
 * Nothing else in the app touches it. Values that the browser does not store are kept in memory until the page is closed.
 */

export type KeptText = Pick<Storage, "getItem" | "setItem" | "removeItem">;

export interface OwnStorage extends KeptText {
  /** Whether stored values survive a reload. */
  lasts: () => boolean;
  /** Removes everything. */
  clear: () => void;
}

const PROBE = "starai.probe";

export function openStorage(name: "localStorage" | "sessionStorage"): OwnStorage {
  /** Values that the browser did not store, bounded by the app's few keys. `null` marks a value it did not remove. */
  const memory = new Map<string, string | null>();
  /** Reading the storage property may throw, and it may be null. */
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
