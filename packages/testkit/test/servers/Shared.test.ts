/** The servers that the whole run shares, as a test gets them. */
import { assert, describe, it } from "@effect/vitest"
import { inject } from "vitest"
import type { SharedKafka } from "@callstream/testkit/servers"
import { liveBrokers } from "../../src/servers/KafkaProbe.ts"
import { ask } from "../../src/servers/OpenSearchProbe.ts"
import { shared } from "../../src/servers/Shared.ts"

describe("the shared servers", () => {
  it("are given to every test of a project that asks for them, and answer", async () => {
    const kafka: SharedKafka = inject("kafka")
    assert.isAtLeast(await liveBrokers(kafka.brokers[0] ?? ""), 1)
    for (const { line, url } of inject("opensearch")) {
      assert.include((await ask(url)).text, `"number" : "${line}.`)
    }
  })

  it("come newest line first", () => {
    const lines = inject("opensearch").map(({ line }) => line)
    assert.isNotEmpty(lines)
    assert.deepStrictEqual(
      lines,
      lines.toSorted((one, other) => other - one)
    )
  })

  it("are opened once for all who ask, and closed when the last lets go", async () => {
    const events: Array<string> = []
    const open = async () => {
      events.push("open")
      return { value: "it", close: async () => void events.push("close") }
    }
    const [one, other] = await Promise.all([shared("a test's own", open), shared("a test's own", open)])
    await one.close()
    assert.deepStrictEqual(events, ["open"])
    await other.close()
    assert.deepStrictEqual(events, ["open", "close"])
    await (await shared("a test's own", open)).close()
    assert.deepStrictEqual(events, ["open", "close", "open", "close"])
  })
})
