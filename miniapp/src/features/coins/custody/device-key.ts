/**
 * The session key of this device for one person's escrow, in IndexedDB, which keeps it without ever showing it: not even a
 * script that got into the page can read it. It signs vouchers only; what it can sign away is bound by the daily cap.
 */
import { newSessionKey } from "@starai/contracts/session-key";
import type { SessionKey } from "@starai/contracts/session-key";

const DATABASE = "starai.custody";
const STORE = "keys";

export interface KeyPlace {
  readonly person: string;
  /** Raw address. */
  readonly escrow: string;
}

/** Whether this browser can make and keep such keys. */
export async function canKeepKeys(): Promise<boolean> {
  try {
    await newSessionKey();
    (await open()).close();
    return true;
  } catch {
    return false;
  }
}

export async function deviceKey(place: KeyPlace): Promise<SessionKey | null> {
  return inStore(
    "readonly",
    async (store) => ((await done(store.get(nameOf(place)))) as SessionKey | undefined) ?? null,
  );
}

/** The key that is there, or a new one. Two windows get the same. @throws where the browser has no Ed25519 or keeps nothing */
export async function makeDeviceKey(place: KeyPlace): Promise<SessionKey> {
  const before = await deviceKey(place);
  if (before !== null) return before;
  const fresh = await newSessionKey();
  return inStore("readwrite", async (store) => {
    const other = (await done(store.get(nameOf(place)))) as SessionKey | undefined;
    if (other === undefined) await done(store.add(fresh, nameOf(place)));
    return other ?? fresh;
  });
}

const nameOf = ({ person, escrow }: KeyPlace): string => `${person} ${escrow}`;

async function inStore<Found>(
  mode: IDBTransactionMode,
  act: (store: IDBObjectStore) => Promise<Found>,
): Promise<Found> {
  const database = await open();
  try {
    const transaction = database.transaction(STORE, mode);
    const ended = new Promise<void>((resolve, reject) => {
      transaction.addEventListener("complete", () => resolve());
      transaction.addEventListener("abort", () => reject(transaction.error ?? new Error("nothing was stored")));
    });
    const [found] = await Promise.all([act(transaction.objectStore(STORE)), ended]);
    return found;
  } finally {
    database.close();
  }
}

// Asynchronous, so that it rejects instead of throwing where there is no IndexedDB.
async function open(): Promise<IDBDatabase> {
  const opening = indexedDB.open(DATABASE, 1);
  opening.addEventListener("upgradeneeded", () => opening.result.createObjectStore(STORE));
  return done(opening);
}

function done<Result>(request: IDBRequest<Result>): Promise<Result> {
  return new Promise((resolve, reject) => {
    request.addEventListener("success", () => resolve(request.result));
    request.addEventListener("error", () => reject(request.error ?? new Error("the browser's storage failed")));
  });
}
