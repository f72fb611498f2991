/** A file for the person to keep. Phones' web views download nothing, but let a file be shared; browsers download. */
import { refusalOf } from "@starai/server/client";

/** The file an answer carries, under the name the server gave it. @throws ServerRefused when it said no */
export async function fileOf(response: Response): Promise<File> {
  if (!response.ok) throw await refusalOf(response);
  const named = /filename\*=UTF-8''([^;]+)/u.exec(response.headers.get("content-disposition") ?? "")?.[1];
  const type = response.headers.get("content-type") ?? "text/plain";
  return new File([await response.blob()], named === undefined ? "starai.txt" : decodeURIComponent(named), { type });
}

/** False where the person changed their mind. */
export async function saveFile(file: File): Promise<boolean> {
  const phone = matchMedia("(pointer: coarse)").matches;
  if (!phone || !canShare(file)) {
    download(file);
    return true;
  }
  try {
    await navigator.share({ files: [file] });
    return true;
  } catch (error) {
    if (error instanceof DOMException && error.name === "AbortError") return false;
    throw error;
  }
}

function canShare(file: File): boolean {
  // Older web views have no such function, whatever the types say.
  return "canShare" in navigator && navigator.canShare({ files: [file] });
}

function download(file: File): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(file);
  link.download = file.name;
  link.click();
  // The download has begun by then, and a page that stays open for days keeps no copies.
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}
