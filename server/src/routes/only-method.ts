/** Refuses a method that a path of `/v1` does not have. */
import type { Handler } from "hono";
import { Refusal } from "../errors.ts";

export function onlyMethod(method: "GET" | "POST"): Handler {
  return (c) => {
    c.header("Allow", `${method}, OPTIONS`);
    throw new Refusal("method_not_allowed", `${c.req.path} has no ${c.req.method}; use ${method}.`);
  };
}
