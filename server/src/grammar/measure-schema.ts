/**
 * The first check of a stranger's schema: its size and depth. It does not recurse, so 100,000 nested arrays or a cyclic
 * object cost bounded time and no stack.
 */
import type { Refusal } from "../errors.ts";
import { fault } from "./schema-place.ts";
import { pointerTo } from "./shape.ts";

/** 16 levels of schemas take at most 32 of JSON (`properties`, then the name); the rest is for enum values. */
export const JSON_DEPTH_MAX = 48;
/** 64 KB of JSON hold at most about 32,000 values. */
const VALUES_MAX = 32_768;
export const SCHEMA_BYTES_MAX = 64 * 1024;

/** Returns the schema's JSON text. @throws {Refusal} unsupported_schema when it is not plain JSON within the limits */
export function measureSchema(schema: unknown): string {
  const open: { value: unknown; pointer: string; depth: number }[] = [{ value: schema, pointer: "", depth: 0 }];
  let seen = 0;
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const { value, pointer, depth } = next;
    if (++seen > VALUES_MAX) throw tooBig(pointer);
    if (typeof value === "number" && !Number.isFinite(value))
      throw fault(pointer, "this number is too big; use a smaller one");
    if (typeof value === "string") checkText(value, pointer);
    if (typeof value !== "object" || value === null) continue;
    if (depth > JSON_DEPTH_MAX) {
      throw fault(pointer, "it is nested too deep; at most 16 levels of schemas are allowed");
    }
    for (const [key, child] of Object.entries(value)) {
      checkText(key, pointer);
      open.push({ value: child, pointer: pointerTo(pointer, key), depth: depth + 1 });
    }
  }
  // Safe now: the depth is bounded and there is no cycle.
  const text = JSON.stringify(schema) ?? "null";
  if (Buffer.byteLength(text) > SCHEMA_BYTES_MAX) throw tooBig("");
  return text;
}

/** PostgreSQL stores the request as jsonb, which cannot hold these characters. */
function checkText(text: string, pointer: string): void {
  if (/\0|\p{Surrogate}/u.test(text)) throw fault(pointer, "a text holds U+0000 or half a surrogate pair; remove it");
}

function tooBig(pointer: string): Refusal {
  return fault(pointer, "it is too big; at most 64 KB of JSON are allowed, shorten it");
}
