/** The servers that the whole run shares, as a test gets them. */
import { assert, describe, it } from "@effect/vitest"
import { inject } from "vitest"
import type { SharedKafka } from "@callstream/testkit/servers"
import { firstWay } from "../../src/servers/Finding.ts"
import { sharedKafkaWays } from "../../src/servers/Kafka.ts"
import { liveBrokers } from "../../src/servers/KafkaProbe.ts"
import { sharedOpenSearchWays } from "../../src/servers/OpenSearch.ts"
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

  it("are those at the addresses of the environment, where there are any", async () => {
    const { brokers } = inject("kafka")
    const kafka = await firstWay("Kafka", sharedKafkaWays({ KAFKA_BROKERS: brokers.join(",") }), false)
    assert.deepStrictEqual(kafka.value.brokers, brokers)
    await kafka.close()
    assert.isAtLeast(await liveBrokers(brokers[0] ?? ""), 1)

    const nodes = inject("opensearch")
    const addresses = nodes.map(({ url }) => url).toReversed()
    const ways = sharedOpenSearchWays({ OPENSEARCH_URL: addresses.join(", ") })
    assert.deepStrictEqual((await firstWay("OpenSearch", ways, false)).value, nodes)
  })

  it("are missing, with a reason, where an address of the environment does not answer", async () => {
    const reason = async (promise: Promise<unknown>) => promise.catch((error: Error) => error.message)
    const kafka = await reason(firstWay("Kafka", sharedKafkaWays({ KAFKA_BROKERS: "127.0.0.1:1" }), false))
    assert.include(kafka, "- KAFKA_BROKERS: no Kafka answers at 127.0.0.1:1")
    const ways = sharedOpenSearchWays({ OPENSEARCH_URL: "http://127.0.0.1:1" })
    const openSearch = await reason(firstWay("OpenSearch", ways, false))
    assert.include(openSearch, "- OPENSEARCH_URL: no OpenSearch 2 or 3 answers at http://127.0.0.1:1")
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
