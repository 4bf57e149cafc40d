import { defineConfig } from "vitest/config"

export default defineConfig({
  test: { projects: ["packages/*", "bench"], pool: "threads", isolate: false }
})
