import { expect, test } from "vitest";
import { fileNameIn } from "./save-file.ts";

test("a file has the name that the server gave it, in either form, and none where it gave none", () => {
  expect(fileNameIn("attachment; filename*=UTF-8''%D0%A7%D0%B0%D1%82.md")).toBe("Чат.md");
  expect(fileNameIn('attachment; filename="starai-history.csv"')).toBe("starai-history.csv");
  expect(fileNameIn("")).toBeUndefined();
});
