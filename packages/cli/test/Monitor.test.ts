import { assert, describe, it } from "@effect/vitest"
import * as Monitor from "../src/Monitor.ts"

describe("an address of --listen", () => {
  it.each([
    ["9090", "http://127.0.0.1:9090"],
    ["0.0.0.0:9090", "http://0.0.0.0:9090"],
    ["[::1]:9090", "http://[::1]:9090"],
    ["::1:9090", "http://[::1]:9090"]
  ])("%s is shown as one that can be opened", (text, url) => {
    const address = Monitor.parseAddress(text)
    assert.strictEqual(address === undefined ? undefined : Monitor.urlOf(address), url)
  })

  it.each(["", "localhost", "9090:", "127.0.0.1:99999"])("%j is none", (text) => {
    assert.isUndefined(Monitor.parseAddress(text))
  })
})
