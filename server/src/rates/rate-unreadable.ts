/** A source gave no answer, or one that is no rate. Nobody waits for it, so it has no code: it is logged and asked again. */
export class RateUnreadable extends Error {
  override readonly name = "RateUnreadable";
}
