import { defineConfig } from "vitest/config"

export default defineConfig({
  test: { projects: ["packages/*", "bench", "e2e", "examples/plugin"], pool: "threads", isolate: false }
})
