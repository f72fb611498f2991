/** The context of the gateway's code. */
import type { JobContext } from "../jobs/context.ts";
import type { AnswerForms } from "./answer-forms.ts";
import type { ApiKeyCheck } from "./api-keys.ts";

export interface GatewayContext extends JobContext {
  /** Compiles the requested forms of answers in a thread. */
  readonly forms: AnswerForms;
  /** Whose requests are let in under `/v1`. */
  readonly apiKeys: ApiKeyCheck;
}
