/** The gateway's rung: jobs, and the forms their answers are held to. */
import type { JobContext } from "../jobs/context.ts";
import type { AnswerForms } from "./answer-forms.ts";

export interface GatewayContext extends JobContext {
  /** Forms of answers that callers ask for, read in a thread. */
  readonly forms: AnswerForms;
}
