import { assert, describe, it } from "@effect/vitest"
import * as Marks from "../src/Marks.ts"

const markOf = (n: number): number => Marks.markOf({ callId: `c1a7e5e0-${n}-4b3f-9d0e-${n * 7}` })

describe("the marks of a walk", () => {
  it("tells calls that were met from those that were not, however many", () => {
    const marks = Marks.make()
    const met = Array.from({ length: 100_000 }, (_, n) => markOf(n))
    for (let from = 0; from < met.length; from += 5000) {
      const page = met.slice(from, from + 5000)
      assert.isFalse(marks.hasAny(page))
      marks.add(page)
    }
    for (const mark of met) if (!marks.hasAny([mark])) assert.fail("a call that was met is not known")
    const others = Array.from({ length: 100_000 }, (_, n) => markOf(100_000 + n))
    assert.isFalse(marks.hasAny(others))
    assert.isTrue(marks.hasAny([...others, markOf(99_999)]))
  })

  it("takes a call twice, and knows nothing of rows without an id", () => {
    const marks = Marks.make()
    marks.add([markOf(1), markOf(1), Marks.markOf({ callId: 1 }), Marks.markOf(null)])
    assert.isTrue(marks.hasAny([markOf(1)]))
    assert.isFalse(marks.hasAny([Marks.markOf({}), Marks.markOf("call")]))
  })
})
