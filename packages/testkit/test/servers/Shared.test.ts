/** The servers that the whole run shares, as a test gets them. */
import { assert, describe, it } from "@effect/vitest"
import { inject } from "vitest"
import type { SharedKafka } from "@callstream/testkit/servers"

describe("the shared servers", () => {
  it("are given to every test of a project that asks for them", () => {
    const kafka: SharedKafka = inject("kafka")
    assert.isNotEmpty(kafka.brokers)
    assert.isNotEmpty(inject("opensearch"))
  })
})
