/** Redraws the sections that changed, and gives their successors the focus and the opened details they had. */

const FOCUSABLE = "a, button, input, summary";

/**
 * @param {HTMLElement} root
 * @param {HTMLElement[]} sections
 */
export function repaint(root, sections) {
  const old = [...root.children];
  if (old.length !== sections.length) return root.replaceChildren(...sections);
  old.forEach((before, index) => {
    const section = sections[index];
    if (section && !before.isEqualNode(section)) replace(before, section);
  });
}

function replace(old, section) {
  const focused = [...old.querySelectorAll(FOCUSABLE)].indexOf(document.activeElement);
  const opened = [...old.querySelectorAll("details")].map(({ open }) => open);
  const label = document.activeElement?.textContent;
  old.replaceWith(section);
  section.querySelectorAll("details").forEach((details, index) => (details.open = opened[index] ?? false));
  if (focused === -1) return;
  const now = [...section.querySelectorAll(FOCUSABLE)];
  // Rows may have come in above it, so its own words count more than its place.
  (now.find((element) => element.textContent === label) ?? now[focused])?.focus({ preventScroll: true });
}
