/** A code as people type it: with a dash, in small letters, with a space. */
const CODE = /^[0-9A-HJKMNP-TV-Z]{8}$/;

/** Null while it is none. */
export function pairingCode(typed: string): string | null {
  const code = typed.replaceAll(/[\s-]/g, "").toUpperCase();
  return CODE.test(code) ? code : null;
}
