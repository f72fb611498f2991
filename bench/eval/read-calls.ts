/** Parses tool calls in a model's free text: as engines do, and as a lenient client would. */

export interface NativeCall {
  name: string;
  args: Record<string, unknown>;
}

const TAGGED = /<tool_call>\s*(\{[\s\S]*?\})\s*<\/tool_call>/gu;
const FENCED = /```(?:json|xml|tool_call)?\s*(\{[\s\S]*?\})\s*```/gu;

/** `malformed`: the text tries to call a tool in a way this reader cannot act on, so it would be shown to the person. */
export function readCalls(text: string, lenient: boolean): { calls: NativeCall[]; malformed: boolean } {
  const strict = callsIn(text, TAGGED);
  if (strict.length > 0) return { calls: strict, malformed: false };
  if (lenient) {
    const loose = [callsIn(text, FENCED), callsIn(text, /(\{[\s\S]*\})/gu), callsIn(text, /^\s*(\{.*\})\s*$/gmu)].find(
      (calls) => calls.length > 0,
    );
    if (loose !== undefined) return { calls: loose, malformed: false };
  }
  return { calls: [], malformed: /<\/?tool_call>|"name"\s*:[\s\S]*"arguments"\s*:/u.test(text) };
}

function callsIn(text: string, pattern: RegExp): NativeCall[] {
  return [...text.matchAll(pattern)].flatMap(([, json]) => readCall(json ?? "") ?? []);
}

function readCall(json: string): NativeCall | null {
  try {
    const { name, arguments: args } = JSON.parse(json) as { name?: unknown; arguments?: unknown };
    return typeof name === "string" && typeof args === "object" && args !== null
      ? { name, args: args as Record<string, unknown> }
      : null;
  } catch {
    return null;
  }
}
