/** What an operation asks, as a hash: a key that comes again with another hash is a conflict. */
import { createHash } from "node:crypto";
import type { Operation } from "./rules/operation.ts";

/**
 * SHA-256 in hex. A hold's day, expiry and the sizes of its caps are left out: asked again after midnight, or after a
 * cap was changed, it is still the same hold.
 */
export function paramsOf(operation: Operation): string {
  return createHash("sha256")
    .update(JSON.stringify(identityOf(operation)))
    .digest("hex");
}

function identityOf(operation: Operation): unknown[] {
  switch (operation.verb) {
    case "move":
      return ["move", operation.from, operation.to, String(operation.amount), operation.kind];
    case "hold":
      return ["hold", operation.account, String(operation.amount), operation.caps.map(({ owner }) => owner)];
    case "capture":
      return ["capture", operation.hold, operation.legs.map(({ to, amount, kind }) => [to, String(amount), kind])];
    case "release":
      return ["release", operation.hold];
    case "reverse":
      return ["reverse", operation.of];
  }
}
