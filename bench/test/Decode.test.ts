/** The mapping by hand is a fair measure only while it has the fields that we have. */
import { assert, describe, it } from "vitest"
import { byHand } from "../src/decode/ByHand.ts"
import { ours } from "../src/decode/Ours.ts"
import { pageText } from "../src/decode/Pages.ts"
import { run } from "../src/decode/Turns.ts"

/** As JSON has it: without what is undefined. Of recordings' rows we keep another form than the wire's. */
const plain = (records: ReadonlyArray<object>, raw: boolean): unknown =>
  JSON.parse(JSON.stringify(raw ? records : records.map((record) => ({ ...record, raw: undefined }))))

describe.each(["recentcalls", "workanalytics", "recordings", "storage"] as const)("a page of %s", (source) => {
  it("is mapped by hand to the records that we make of it", async () => {
    const text = await pageText(source)
    const raw = source !== "recordings"
    assert.deepStrictEqual(plain(byHand[source](text), raw), plain(ours(source, text), raw))
  })

  it("is measured both ways", async () => {
    const { byHand, ours, ratio, rows } = await run({ decode: source, turns: 1, turnMs: 1 })
    assert.isTrue(rows > 0 && ours.seconds > 0 && byHand.seconds > 0)
    assert.closeTo(ratio, byHand.seconds / ours.seconds, 1e-9)
  })
})
