/** A refusal in the one shape all answers and streams of the API use, which is OpenAI's. */
import { HTTP_STATUS, type Refusal } from "../errors.ts";

export interface ErrorBody {
  error: { message: string; type: string; param: string | null; code: string };
}

export function errorBody(refusal: Refusal): ErrorBody {
  const status = HTTP_STATUS[refusal.code];
  const type = status >= 500 ? "server_error" : status === 429 ? "rate_limit_error" : "invalid_request_error";
  return { error: { message: refusal.message, type, param: refusal.param ?? null, code: refusal.code } };
}
