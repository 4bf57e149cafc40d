/** Which Java is found, and which line of OpenSearch it runs. */
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, assert, describe, it } from "@effect/vitest"
import { chooseJava, findJavas, type Java } from "../../src/servers/Java.ts"
import { linesOf } from "../../src/servers/OpenSearchInstall.ts"

const folder = realpathSync(mkdtempSync(join(tmpdir(), "javas-")))

afterAll(() => rmSync(folder, { recursive: true }))

const install = (name: string, version: string): string => {
  const home = join(folder, name)
  mkdirSync(join(home, "bin"), { recursive: true })
  writeFileSync(join(home, "bin/java"), "")
  writeFileSync(join(home, "release"), `IMPLEMENTOR="test"\nJAVA_VERSION="${version}"\n`)
  return home
}

const java = (major: number): Java => ({
  home: `/${major}`,
  version: `${major}.0.1`,
  major,
  compiler: true,
  vector: true
})

describe("the Javas of a machine", () => {
  it("are JAVA_HOME's, then those of PATH and of the usual folders, each once", () => {
    const [old, middle, young] = [install("a", "1.8.0_402"), install("b", "17.0.15"), install("c", "25.0.1")]
    const found = findJavas({ JAVA_HOME: young, PATH: join(middle, "bin") }, [folder])
    assert.deepStrictEqual(
      found.map(({ home, major }) => ({ home, major })),
      [
        { home: young, major: 25 },
        { home: middle, major: 17 },
        { home: old, major: 8 }
      ]
    )
  })

  it("give the first one of a range, or a sentence that names those there are", () => {
    assert.strictEqual(chooseJava([java(25), java(17)], 11, 23).major, 17)
    assert.throws(() => chooseJava([java(17)], 21), /no Java 21 or newer .*found: 17\.0\.1 in \/17/)
    assert.throws(() => chooseJava([], 11, 23), /no Java 11 to 23 .*found: none/)
  })

  it("decide on the lines of OpenSearch", () => {
    assert.deepStrictEqual(linesOf([java(17)]), [2])
    assert.deepStrictEqual(linesOf([java(21)]), [2, 3])
    assert.deepStrictEqual(linesOf([java(25)]), [3])
    assert.deepStrictEqual(linesOf([java(25), java(17)]), [2, 3])
    assert.deepStrictEqual(linesOf([java(8)]), [])
  })
})
