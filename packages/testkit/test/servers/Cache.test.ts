/** The cache: whole entries or none, whoever fills it. */
import { mkdtempSync, readdirSync, rmSync } from "node:fs"
import { readFile, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, assert, describe, it } from "@effect/vitest"
import { cacheFolder, once } from "../../src/servers/Cache.ts"

const folder = mkdtempSync(join(tmpdir(), "cache-"))

afterAll(() => rmSync(folder, { recursive: true }))

describe("the cache", () => {
  it("is where CALLSTREAM_CACHE says, else in XDG's folder, else in the home folder", () => {
    assert.strictEqual(cacheFolder({ CALLSTREAM_CACHE: "/own", XDG_CACHE_HOME: "/xdg" }), "/own")
    assert.strictEqual(cacheFolder({ CALLSTREAM_CACHE: "", XDG_CACHE_HOME: "/xdg" }), "/xdg/callstream")
    assert.match(cacheFolder({}), /\/\.cache\/callstream$/)
  })

  it("keeps one of several builds at once, and nothing of the others", async () => {
    const path = join(folder, "deep", "entry")
    let builds = 0
    const build = async (part: string) => {
      const mine = String(++builds)
      await writeFile(join(part, "first"), mine)
      await writeFile(join(part, "second"), mine)
    }
    const paths = await Promise.all(Array.from({ length: 5 }, () => once(path, build)))
    assert.deepStrictEqual(new Set(paths), new Set([path]))
    assert.deepStrictEqual(readdirSync(join(folder, "deep")), ["entry"])
    assert.strictEqual(await readFile(join(path, "first"), "utf8"), await readFile(join(path, "second"), "utf8"))
    const before = builds
    await once(path, build)
    assert.strictEqual(builds, before)
  })

  it("keeps nothing of a build that fails, and builds anew", async () => {
    const path = join(folder, "failing", "entry")
    const failing = once(path, async (part) => {
      await writeFile(join(part, "half"), "")
      throw new Error("no network")
    })
    const reason = await failing.catch((error: Error) => error.message)
    assert.strictEqual(reason, "no network")
    assert.deepStrictEqual(readdirSync(join(folder, "failing")), [])
    await once(path, (part) => writeFile(join(part, "whole"), ""))
    assert.deepStrictEqual(readdirSync(path), ["whole"])
  })
})
