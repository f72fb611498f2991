/** What this browser remembers: theme, language, who you are. Private windows without storage start afresh. */

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
    // Without storage the choice lasts as long as the page.
  }
}

/** For this window first, so that two windows can be two people; a new window begins with the latest. */
export function rememberHere(key, value) {
  try {
    sessionStorage.setItem(`starai.${key}`, value);
  } catch {
    // As above.
  }
  remember(key, value);
}

/** Whether this window chose it itself, or goes on after a reload. */
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

/** The page's colours as Telegram tells them to a Mini App. */
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
