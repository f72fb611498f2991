/** A raw address in the form that wallets take: base64url of a tag, the workchain, the account's hash and a checksum. */
import { accountHash } from "../signed-cell.ts";

const BOUNCEABLE = 0x11;
const NON_BOUNCEABLE = 0x51;
const TEST_ONLY = 0x80;

/** @throws {RangeError} when `raw` is not a raw basechain address. */
export function friendlyAddress(raw: string, form: { bounceable: boolean; testOnly: boolean }): string {
  const [hash] = accountHash("the address", raw);
  const hex = hash.toString(16).padStart(64, "0");
  const tag = (form.bounceable ? BOUNCEABLE : NON_BOUNCEABLE) | (form.testOnly ? TEST_ONLY : 0);
  const bytes = [tag, 0, ...(hex.match(/../g) ?? []).map((byte) => Number.parseInt(byte, 16))];
  const checksum = crc16(bytes);
  bytes.push(checksum >> 8, checksum & 255);
  return btoa(String.fromCharCode(...bytes))
    .replaceAll("+", "-")
    .replaceAll("/", "_");
}

/** CRC-16/XMODEM. */
function crc16(bytes: readonly number[]): number {
  let sum = 0;
  for (const byte of bytes) {
    sum ^= byte << 8;
    for (let bit = 0; bit < 8; bit++) sum = sum & 0x8000 ? ((sum << 1) ^ 0x1021) & 0xffff : sum << 1;
  }
  return sum;
}
