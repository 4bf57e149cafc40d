/** What the writing process writes: the same number, the same events. */
import type { Event } from "@callstream/model"
import { event } from "./Place.ts"

const perBatch = 40

/**
 * Some kilobytes over three days: new entities, and new versions of those of the batch before. `weight` is added to each
 * line, in bytes, and not to what is searched.
 */
export const batch = (number: number, weight = 0): ReadonlyArray<Event> =>
  Array.from({ length: perBatch }, (_, i) => {
    const first = i % 4 !== 0
    const entity = first ? `${number}-${i}` : `${number - 1}-${i + 1}`
    return event(`event-${number}-${i}`, {
      subject: entity,
      conversation: `call ${entity}`,
      time: `2026-02-0${1 + (i % 3)}T10:00:00.000Z`,
      asof: String(1_770_000_000_000 + number * 1000 + i),
      data: { text: `word${number} ${"something that was said ".repeat(20)}`, raw: "x".repeat(weight) }
    })
  })
