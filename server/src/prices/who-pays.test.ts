import { describe, expect, test } from "vitest";
import { ERROR_CODES } from "@starai/protocol/error-codes";
import { WHO_PAYS, endOfJob, endOfRun } from "./who-pays.ts";

function failedRun(code: (typeof ERROR_CODES)[number], answer = "") {
  return endOfRun({ kind: "failed", code, message: "" }, answer);
}

describe("an end", () => {
  test("of an answer that was given, asked back or stopped is paid by whoever asked", () => {
    for (const kind of ["answered", "asked", "stopped"] as const)
      expect(WHO_PAYS[endOfRun({ kind }, "")]).toBe("payer");
  });

  test("of an answer that failed is the house's loss, whatever the code, unless the person ended it", () => {
    const paid = ERROR_CODES.filter((code) => WHO_PAYS[failedRun(code)] === "payer");
    expect(paid).toEqual(["not_found", "cancelled"]);
  });

  test("of an answer that grew longer than fits is paid where something of it was read, and only then", () => {
    expect(failedRun("output_truncated", "Once upon a time")).toBe("length");
    expect(failedRun("output_truncated")).toBe("failed");
    expect(failedRun("output_invalid", "Once upon a time")).toBe("failed");
  });

  test("of a job is as that of an answer, and as long as allowed is paid too", () => {
    expect(endOfJob({ kind: "done", finishReason: "stop" })).toBe("answered");
    expect(endOfJob({ kind: "done", finishReason: "length" })).toBe("length");
    expect(endOfJob({ kind: "failed", code: "cancelled" })).toBe("stopped");
    for (const code of ["deadline", "attempts_exhausted", "output_invalid", "internal"] as const)
      expect(WHO_PAYS[endOfJob({ kind: "failed", code })]).toBe("loss");
  });
});
