import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import type { MockInstance } from "vitest";
import { testVocabularies } from "../testing/pool-stack.ts";
import type { ScriptedWorker } from "../testing/scripted-worker.ts";
import type { Vocabulary } from "../vocabulary/vocabularies.ts";
import { TEST_MODEL, answer, openGateway } from "../testing/gateway.ts";
import type { TestGateway } from "../testing/gateway.ts";

const CONTEXT_TOKENS = 2_048;
/** By its bytes it might not fit beside the longest answer, so its tokens must be counted; they do fit. */
const LONG = "word ".repeat(300);

describe("the tokens of a prompt", () => {
  const vocabularies = testVocabularies();
  let gateway: TestGateway;
  let worker: ScriptedWorker;
  let counts: MockInstance<Vocabulary["countPrompt"]>;
  beforeAll(async () => {
    gateway = await openGateway(vocabularies);
    worker = await gateway.worker({ contextTokens: CONTEXT_TOKENS });
  });
  afterAll(async () => {
    await gateway[Symbol.asyncDispose]();
    await vocabularies[Symbol.asyncDispose]();
  });
  beforeEach(async () => {
    counts = vi.spyOn((await vocabularies.open(TEST_MODEL))!, "countPrompt");
  });
  afterEach(() => counts.mockRestore());

  const asked = async (content: string, more: Record<string, unknown> = {}) => {
    const messages = [{ role: "user", content }];
    const [response, lease] = await Promise.all([gateway.ask({ messages, ...more }), answer(worker, "Yes.")]);
    const { usage } = (await response.json()) as { usage: { prompt_tokens: number } };
    return { lease, usage };
  };

  test("are counted once even if the answer's maximum length depends on them", async () => {
    const { lease, usage } = await asked(LONG);
    expect(counts).toHaveBeenCalledTimes(1);
    expect(usage.prompt_tokens).toBe(await counts.mock.results[0]!.value);
    expect(usage.prompt_tokens + lease.maxTokens).toBeLessThanOrEqual(CONTEXT_TOKENS);
  });

  test("are counted once if the caller sets the answer's maximum length", async () => {
    const { lease } = await asked(LONG, { max_tokens: 7 });
    expect(counts).toHaveBeenCalledTimes(1);
    expect(lease.maxTokens).toBe(7);
  });

  test("are those of the stored text, in which characters that the database cannot hold are replaced", async () => {
    const { usage: odd } = await asked(`${LONG}\0\0\0`);
    const { usage: replaced } = await asked(`${LONG}\uFFFD\uFFFD\uFFFD`);
    expect(odd.prompt_tokens).toBe(replaced.prompt_tokens);
  });
});
