import type { TonClientParameters } from "@ton/ton";
import { retryingPost } from "./retrying-post.ts";

type HttpAdapter = NonNullable<TonClientParameters["httpAdapter"]>;

/** HTTP adapter of a `TonClient` for rate-limited endpoints. An API key, in the address or a header, is in no error. */
export function retryingAdapter(wait?: (ms: number) => Promise<unknown>): HttpAdapter {
  return async (config) => {
    const headers = { ...(config.headers.toJSON() as Record<string, string>) };
    const posted = await retryingPost(config.url!, { body: config.data as string, headers }, wait).catch(
      (error: unknown) => {
        const { origin } = new URL(config.url!);
        const failure = { code: "ECONNREFUSED", config: { url: origin } };
        throw Object.assign(new Error(`${origin} does not answer`, { cause: error }), failure);
      },
    );
    const { ok, status, statusText, data } = posted;
    const response = { status, statusText, data, headers: {} };
    if (ok) return { ...response, config };
    throw Object.assign(new Error(`The endpoint answered ${status}`), { response });
  };
}
