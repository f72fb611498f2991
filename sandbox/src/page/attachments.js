/** Attachments: photos, an album, files, a voice message. */
import { ask } from "./host-dialog.js";
import { make } from "./elements.js";
import { t } from "./texts.js";

const FILES_MAX = 10;

/** Asks what to send and resolves to the files as `/sim/files` accepts them, or to `null` when nothing was chosen. */
export async function chooseFiles(box) {
  const kind = await ask(box, {
    title: t("attach"),
    buttons: [
      { id: "photo", text: t("photos") },
      { id: "document", text: t("files") },
      { id: "voice", text: t("voice") },
    ],
  });
  if (kind === "voice") return [{ kind, name: "voice.wav", mimeType: "audio/wav", base64: base64Of(silence()) }];
  if (kind !== "photo" && kind !== "document") return null;
  const chosen = await pick(kind === "photo" ? "image/*" : "");
  if (chosen.length === 0) return null;
  return Promise.all(chosen.map((file) => sentAs(kind, file)));
}

function pick(accept) {
  return new Promise((resolve) => {
    const input = make("input", { type: "file", id: "attachment", accept, multiple: true, hidden: true });
    const done = () => {
      input.remove();
      resolve([...(input.files ?? [])].slice(0, FILES_MAX));
    };
    input.addEventListener("change", done);
    input.addEventListener("cancel", done);
    document.body.append(input);
    input.click();
  });
}

async function sentAs(kind, file) {
  const base64 = base64Of(new Uint8Array(await file.arrayBuffer()));
  return { kind, name: file.name.slice(0, 120), mimeType: file.type, base64 };
}

function base64Of(bytes) {
  let text = "";
  for (let at = 0; at < bytes.length; at += 32_768) text += String.fromCharCode(...bytes.subarray(at, at + 32_768));
  return btoa(text);
}

/** A second of silence as WAV: 8 bits, 8,000 samples a second. The page asks for no microphone. */
function silence() {
  const samples = 8_000;
  const bytes = new Uint8Array(44 + samples).fill(128, 44);
  const view = new DataView(bytes.buffer);
  bytes.set(new TextEncoder().encode("RIFF"), 0);
  view.setUint32(4, 36 + samples, true);
  bytes.set(new TextEncoder().encode("WAVEfmt "), 8);
  view.setUint32(16, 16, true);
  view.setUint16(20, 1, true);
  view.setUint16(22, 1, true);
  view.setUint32(24, samples, true);
  view.setUint32(28, samples, true);
  view.setUint16(32, 1, true);
  view.setUint16(34, 8, true);
  bytes.set(new TextEncoder().encode("data"), 36);
  view.setUint32(40, samples, true);
  return bytes;
}
