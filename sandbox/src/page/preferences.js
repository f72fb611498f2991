/** Preferences stored in the browser: theme, language and person. Private windows without storage start anew. */

export function remembered(key, fallback) {
  try {
    return sessionStorage.getItem(`starai.${key}`) ?? localStorage.getItem(`starai.${key}`) ?? fallback;
  } catch {
    return fallback;
  }
}

export function remember(key, value) {
  try {
    localStorage.setItem(`starai.${key}`, value);
  } catch {
    // Without storage the choice lasts until the page is closed.
  }
}

/** Stores a value for this window, so that two windows can be two people, and as the default of new windows. */
export function rememberHere(key, value) {
  try {
    sessionStorage.setItem(`starai.${key}`, value);
  } catch {
    // Without storage the choice lasts until the page is closed.
  }
  remember(key, value);
}

/** Whether the value was chosen in this window, also before a reload. */
export function isOfThisWindow(key) {
  try {
    return sessionStorage.getItem(`starai.${key}`) !== null;
  } catch {
    return false;
  }
}

export function applyTheme(theme) {
  if (theme === "system") delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = theme;
}

const THEME_PARAMS = {
  bg_color: "--bg",
  secondary_bg_color: "--bg-2",
  section_bg_color: "--bg",
  header_bg_color: "--bg",
  bottom_bar_bg_color: "--bg",
  text_color: "--text",
  hint_color: "--hint",
  subtitle_text_color: "--hint",
  section_header_text_color: "--hint",
  link_color: "--link",
  accent_text_color: "--link",
  button_color: "--accent",
  button_text_color: "--on-accent",
  destructive_text_color: "--bad",
};

/** The page's colours as Telegram's theme parameters for a Mini App. */
export function themeParams() {
  const probe = document.createElement("i");
  document.body.append(probe);
  const colours = Object.entries(THEME_PARAMS).map(([name, variable]) => {
    probe.style.color = `var(${variable})`;
    const channels = (getComputedStyle(probe).color.match(/\d+/g) ?? []).slice(0, 3);
    return [name, `#${channels.map((channel) => Number(channel).toString(16).padStart(2, "0")).join("")}`];
  });
  probe.remove();
  return Object.fromEntries(colours);
}
