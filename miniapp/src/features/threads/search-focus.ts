/** Moves the focus to the search field, at once or as soon as its screen appears. */

/** Longer than a screen takes to appear; a field that appears later must not take the focus from elsewhere. */
const REQUEST_VALID_MS = 2_000;
let requestedUntil = 0;

/** Focuses the search field; returns false when there is none on the screen. */
export function focusSearch(): boolean {
  const field = document.querySelector<HTMLInputElement>(".search-field input");
  field?.focus();
  field?.select();
  return field !== null;
}

/** Lets the next search field that appears take the focus. */
export function requestSearchFocus(): void {
  requestedUntil = performance.now() + REQUEST_VALID_MS;
}

/** Whether focus was requested for the field that appears now; clears the request. */
export function takeSearchFocusRequest(): boolean {
  const requested = performance.now() < requestedUntil;
  requestedUntil = 0;
  return requested;
}
