import { defineConfig } from "vite";

// The built files are committed: names come from content, nothing depends on time or place.
export default defineConfig({
  base: "/static/",
  build: {
    outDir: "../api/static",
    emptyOutDir: true,
    manifest: "manifest.json",
    assetsInlineLimit: 0,
    target: "es2022",
    cssTarget: ["chrome111", "firefox114", "safari16.4"],
    modulePreload: false,
    rollupOptions: {
      input: { main: "src/main.ts", editor: "src/editor.ts", style: "src/main.css" },
      output: { entryFileNames: "assets/[name]-[hash].js", assetFileNames: "assets/[name]-[hash][extname]" },
    },
  },
});
