import type { TonClientParameters } from "@ton/ton";
import { retryingPost } from "./retrying-post.ts";

type HttpAdapter = NonNullable<TonClientParameters["httpAdapter"]>;

/** HTTP adapter of a `TonClient` for rate-limited endpoints. */
export function retryingAdapter(wait?: (ms: number) => Promise<unknown>): HttpAdapter {
  return async (config) => {
    const headers = { ...(config.headers.toJSON() as Record<string, string>) };
    const posted = await retryingPost(config.url!, { body: config.data as string, headers }, wait).catch(
      (error: unknown) => {
        const failure = { code: "ECONNREFUSED", config };
        throw Object.assign(new Error(`${config.url} does not answer`, { cause: error }), failure);
      },
    );
    const { ok, status, statusText, data } = posted;
    const response = { status, statusText, data, headers: {}, config };
    if (ok) return response;
    throw Object.assign(new Error(`The endpoint answered ${status}`), { response });
  };
}
