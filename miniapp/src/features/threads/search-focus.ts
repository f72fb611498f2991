/** Brings the focus into the search field, at once or as soon as its screen is there. */

/** Longer than a screen takes to appear; a field that comes later must not take the focus from elsewhere. */
const WISH_MS = 2_000;
let wishedUntil = 0;

/** False where no search field is on the screen. */
export function focusSearch(): boolean {
  const field = document.querySelector<HTMLInputElement>(".search-field input");
  field?.focus();
  field?.select();
  return field !== null;
}

/** The next search field that appears takes the focus. */
export function wishForSearch(): void {
  wishedUntil = performance.now() + WISH_MS;
}

/** Whether the field that appears now was wished for; a wish is granted once. */
export function searchIsWished(): boolean {
  const wished = performance.now() < wishedUntil;
  wishedUntil = 0;
  return wished;
}
