import { Effect } from "effect"
import { eventTypes } from "@callstream/model"
import { sinkConformance } from "@callstream/testkit"
import { drivers, newPrefix, open, shared } from "./support/Place.ts"
import { createTopic, readEvents } from "./support/Reading.ts"

const types = [eventTypes.note]

for (const driver of drivers) {
  sinkConformance(
    `kafka over ${driver}`,
    Effect.gen(function* () {
      const { brokers } = shared()
      const topicPrefix = newPrefix()
      yield* createTopic(brokers, `${topicPrefix}note`, 2)
      return {
        open: open({ brokers, topicPrefix, driver }, types),
        held: readEvents(brokers, `${topicPrefix}note`),
        keeps: "every write"
      }
    })
  )
}
