/** The Mini App's build: one small entry, everything large in its own chunk, and a manifest of the files. */
import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

export default defineConfig({
  root: import.meta.dirname,
  // Relative, so that the same build works wherever it is served from.
  base: "./",
  plugins: [react()],
  build: {
    target: "es2022",
    manifest: true,
    // Data URIs in styles would need a wider content security policy than the app has.
    assetsInlineLimit: 0,
    // The app, and the page of a shared chat, which needs neither Telegram nor a session.
    rolldownOptions: { input: ["index.html", "shared.html"].map((page) => `${import.meta.dirname}/${page}`) },
  },
  server: { proxy: { "/api": process.env.STARAI_SERVER_URL ?? "http://127.0.0.1:8080" } },
});
