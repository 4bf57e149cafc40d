import { assert, describe, it } from "@effect/vitest"
import { parse } from "../../src/file/Bytes.ts"

describe("bytes", () => {
  it("reads sizes with their units", () => {
    assert.deepStrictEqual([64, "64", "64MiB", "1.5 kB", "2 GiB"].map(parse), [64, 64, 67_108_864, 1500, 2_147_483_648])
  })

  it("reads nothing else", () => {
    assert.deepStrictEqual([0, -1, 1.5, "0", "MiB", "5 mb", "1e9", true, null].map(parse), Array(9).fill(undefined))
  })
})
