/** How much is asked for: the pages there are and one request per chat, with what it costs to notice that a set moved. */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { fileOf, filesOnly, heldFiles, queriesOf, rigOf } from "./TrapWorld.ts"

const once = { poll: "1 d", lookback: [], lag: "0 s" }
const pages = (rows: number) => Math.floor(rows / 50) + 1

describe("a run over all there is", () => {
  it.live.each(["xml", "csv", "json"])(
    "asks for five in a hundred pages more than there are at most (%s)",
    (format) =>
      Effect.gen(function* () {
        const rows = 6000
        const rig = yield* rigOf({}, { ...filesOnly, ...once, format })
        // Some days with many calls, and some with none.
        for (let i = 0; i < rows; i++)
          rig.sandbox.company.putFile(fileOf(i, { startedAt: Date.UTC(2026, 10, 16, i % 2 === 0 ? 1 : 90) + i * 5000 }))
        const outcome = yield* rig.run()
        assert.isTrue(outcome.complete)
        assert.strictEqual(heldFiles(rig).length, rows)
        assert.strictEqual(rig.sink.log.length, rows)
        const asked = queriesOf(rig, "files").length
        assert.isAtMost(asked, Math.floor(pages(rows) * 1.05), `${asked} requests for ${rows} rows`)
      }),
    120_000
  )

  it.live("asks once for the lists of a small company, and once for each chat", () =>
    Effect.gen(function* () {
      const rig = yield* rigOf({ calls: 40, knobs: { transcriptsPerTransaction: true } }, once)
      yield* rig.run()
      const chats = rig.sandbox.records("recordings/transcripts").length
      assert.isAbove(chats, 10)
      assert.strictEqual(queriesOf(rig, "files").length, 1)
      assert.strictEqual(queriesOf(rig, "transcripts").length, 1)
      assert.strictEqual(rig.sandbox.requests().length, 2 + chats)
    })
  )
})
