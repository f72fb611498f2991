/** Display variants for screenshots: sizes, themes, languages, text sizes. */
export interface Look {
  name: string;
  width: number;
  height: number;
  theme: "light" | "dark";
  language: "en" | "ru";
  /** Percent of the usual text size. */
  text: number;
}

export const LOOKS: readonly Look[] = [
  { name: "390-light-en", width: 390, height: 780, theme: "light", language: "en", text: 100 },
  { name: "390-dark-ru", width: 390, height: 780, theme: "dark", language: "ru", text: 100 },
  { name: "360-dark-en", width: 360, height: 640, theme: "dark", language: "en", text: 100 },
  { name: "768-light-ru", width: 768, height: 900, theme: "light", language: "ru", text: 100 },
  { name: "1280-light-en", width: 1_280, height: 800, theme: "light", language: "en", text: 100 },
  { name: "360-light-ru-200", width: 360, height: 740, theme: "light", language: "ru", text: 200 },
];

/** Theme colours as Telegram's own clients report them. */
export const THEMES = {
  light: {
    bg_color: "#ffffff",
    secondary_bg_color: "#efeff4",
    section_bg_color: "#ffffff",
    text_color: "#000000",
    hint_color: "#8e8e93",
    link_color: "#007aff",
    button_color: "#007aff",
    button_text_color: "#ffffff",
    destructive_text_color: "#ff3b30",
    accent_text_color: "#007aff",
  },
  dark: {
    bg_color: "#18222d",
    secondary_bg_color: "#131415",
    section_bg_color: "#18222d",
    text_color: "#ffffff",
    hint_color: "#b1c3d5",
    link_color: "#62bcf9",
    button_color: "#2ea6ff",
    button_text_color: "#ffffff",
    destructive_text_color: "#ef5b5b",
    accent_text_color: "#2ea6ff",
  },
};
