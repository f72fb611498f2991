/** The gateway's context: jobs, and the forms of their answers. */
import type { JobContext } from "../jobs/context.ts";
import type { AnswerForms } from "./answer-forms.ts";

export interface GatewayContext extends JobContext {
  /** Requested forms of answers, read in a thread. */
  readonly forms: AnswerForms;
}
