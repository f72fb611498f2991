/** The Mini App's build: one small entry, everything large in its own chunk, and a manifest of the files. */
import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";
import { splitTexts } from "./split-texts.ts";

export default defineConfig({
  root: import.meta.dirname,
  // Relative, so that the same build works wherever it is served from.
  base: "./",
  plugins: [react(), splitTexts()],
  build: {
    target: "es2022",
    manifest: true,
    // Data URIs in styles would need a wider content security policy than the app has.
    assetsInlineLimit: 0,
    // The app, and two pages that need no Telegram: that of a shared chat, and that for payments.
    rolldownOptions: {
      input: ["index.html", "shared.html", "pay.html"].map((page) => `${import.meta.dirname}/${page}`),
    },
  },
  server: { proxy: { "/api": process.env.STARAI_SERVER_URL ?? "http://127.0.0.1:8080" } },
});
