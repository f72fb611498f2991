/** Saves a file for the person: by sharing in phones' web views, which cannot download, by download in browsers. */
import { refusalOf } from "@starai/server/client";

/** The file in an answer, under the name given by the server. @throws ServerRefused when the server refused */
export async function fileOf(response: Response): Promise<File> {
  if (!response.ok) throw await refusalOf(response);
  const type = response.headers.get("content-type") ?? "text/plain";
  const name = fileNameIn(response.headers.get("content-disposition") ?? "");
  return new File([await response.blob()], name ?? "starai.txt", { type });
}

/** The name in a header `content-disposition`, of either form. */
export function fileNameIn(disposition: string): string | undefined {
  const encoded = /filename\*=UTF-8''([^;]+)/u.exec(disposition)?.[1];
  return encoded === undefined ? /filename="([^"]+)"/u.exec(disposition)?.[1] : decodeURIComponent(encoded);
}

/** Returns false when the person cancelled. */
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
  // Older web views lack this function, despite the types.
  return "canShare" in navigator && navigator.canShare({ files: [file] });
}

function download(file: File): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(file);
  link.download = file.name;
  link.click();
  // By then the download has started; revoking frees the copy in a page that stays open for days.
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}
