import { assert, describe, it } from "@effect/vitest"
import { fill, interpolate } from "../../src/file/Interpolation.ts"
import { fromValue, toValue } from "../../src/file/Located.ts"
import { Problems } from "../../src/file/Problem.ts"

const surroundings = {
  variable: (name: string) => ({ HOST: "h1", EMPTY: "", TRICKY: "${HOST} }: [1, 2]" })[name],
  file: (path: string) => {
    if (path === "/secret") return "s3cret\n\n"
    if (path === "/windows") return "s3cret\r\n"
    throw new Error(`The file ${path} does not exist.`)
  }
}
const filled = (text: string) => fill(text, surroundings)
const text = (given: string) => filled(given).text

describe("interpolation", () => {
  it("fills in variables, anywhere in a text", () => {
    assert.strictEqual(text("http://${HOST}:${PORT:-9200}/x"), "http://h1:9200/x")
  })

  it("takes the default for what is unset or empty, as shells do", () => {
    assert.strictEqual(text("${EMPTY:-d}${NONE:-}${EMPTY}"), "d")
    assert.strictEqual(text("${NONE:-a:-b}"), "a:-b")
  })

  it("reads a file and drops one final newline", () => {
    assert.strictEqual(text("${file:/secret}"), "s3cret\n")
    assert.strictEqual(text("${file:/windows}"), "s3cret")
  })

  it("never parses again what it filled in", () => {
    assert.strictEqual(text("${TRICKY}"), "${HOST} }: [1, 2]")
    const tree = fromValue({ a: "${TRICKY}" }, () => assert.fail("is a plain value"))
    assert.deepStrictEqual(toValue(interpolate(tree, surroundings, new Problems("f"))), { a: "${HOST} }: [1, 2]" })
  })

  it("leaves names alone", () => {
    const tree = fromValue({ "${HOST}": { list: ["${HOST}", 1, null] } }, () => assert.fail("is a plain value"))
    assert.deepStrictEqual(toValue(interpolate(tree, surroundings, new Problems("f"))), {
      "${HOST}": { list: ["h1", 1, null] }
    })
  })

  it("writes $${ as a literal ${", () => {
    assert.strictEqual(text("$${HOST} costs $5 and $$"), "${HOST} costs $5 and $$")
    assert.strictEqual(text("$${${HOST}}"), "${h1}")
  })

  it("says what cannot be filled in", () => {
    assert.deepStrictEqual(
      ["${NONE}", "${file:/gone}", "${HOST", "${}", "${1X}", "${NONE} ${OTHER}"].flatMap(
        (given) => filled(given).wrong
      ),
      [
        "The environment variable NONE is not set. Set it, or give a default: ${NONE:-…}.",
        "The file /gone does not exist.",
        "A ${ is not closed by }. For a literal ${ write $${.",
        "Between ${ and } stands a variable's name, NAME:-default or file:/path. For a literal ${ write $${.",
        "Between ${ and } stands a variable's name, NAME:-default or file:/path. For a literal ${ write $${.",
        "The environment variable NONE is not set. Set it, or give a default: ${NONE:-…}.",
        "The environment variable OTHER is not set. Set it, or give a default: ${OTHER:-…}."
      ]
    )
  })
})
