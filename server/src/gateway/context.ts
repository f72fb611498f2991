/** The context of the gateway's code. */
import type { JobContext } from "../jobs/context.ts";
import type { AnswerForms } from "./answer-forms.ts";

export interface GatewayContext extends JobContext {
  /** Compiles the requested forms of answers in a thread. */
  readonly forms: AnswerForms;
}
