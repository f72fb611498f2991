/** A first request to /v1, ready to paste: printed at the end of the start and shown on the page. */
export interface FirstRequest {
  readonly apiKey: string;
  readonly model: string;
}

export function firstRequest(url: string, { apiKey, model }: FirstRequest): string {
  const body = JSON.stringify({ model, messages: [{ role: "user", content: "Say hello" }] });
  return `curl ${url}/v1/chat/completions -H "Authorization: Bearer ${apiKey}" -H "Content-Type: application/json" -d '${body}'`;
}
