/** What every step keeps: one answer for each event, by position; nothing changed but `data` and `time`; no memory. */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Schema } from "effect"
import type { Event, EventType } from "@callstream/model"
import type { Plugin, Step } from "@callstream/core"

/** A step, and events that it does something to. */
export interface StepUnderTest {
  readonly plugin: Plugin.StepPlugin & Plugin.WithConfig<Schema.Decoder<unknown>>
  /** As they stand in a file. */
  readonly settings: unknown
  readonly events: ReadonlyArray<Event>
}

/** An event as a source of your own would give it. */
export const sampleEvent = (type: EventType.EventType, subject: string, data?: unknown): Event => ({
  id: `id-of-${subject}`,
  type: type.type,
  source: "acme/sample",
  subject,
  asof: "1795176000000",
  dataschema: type.dataschema,
  time: "2026-11-20T12:00:00.000Z",
  ...(data === undefined ? { op: "delete" } : { op: "upsert", data })
})

const frozen = <A>(value: A): A => {
  if (typeof value === "object" && value !== null) {
    for (const member of Object.values(value)) frozen(member)
    Object.freeze(value)
  }
  return value
}

/** What a step must leave as it is. */
const fixed = (event: Event) => ({ ...event, data: undefined, time: undefined })

const isEvent = (answer: Step.Stepped): answer is Event => typeof answer === "object" && "id" in answer

/** Declares the suite. */
export const stepConformance = (name: string, { events, plugin, settings }: StepUnderTest): void => {
  const open = Effect.flatMap(Effect.orDie(Schema.decodeUnknownEffect(plugin.Config)(settings)), plugin.open)
  const deletes = events.map(({ asof, dataschema, id, source, subject, type }): Event => ({
    id,
    type,
    source,
    subject,
    op: "delete",
    asof,
    dataschema
  }))
  const all = frozen([...events, ...deletes])

  describe(`${name} as a step`, () => {
    it.effect("answers each event, by position, and changes data and time only", () =>
      Effect.gen(function* () {
        const answers = (yield* open).apply(all)
        assert.strictEqual(answers.length, all.length)
        for (const [index, answer] of answers.entries()) {
          const event = all[index]
          if (event !== undefined && isEvent(answer)) assert.deepStrictEqual(fixed(answer), fixed(event))
          else if (typeof answer === "object" && "refused" in answer) assert.match(answer.refused, /\w{3}/)
          else assert.strictEqual(answer, "drop")
        }
      })
    )

    it.effect("answers the same again, alone and in other batches", () =>
      Effect.gen(function* () {
        const step = yield* open
        const answers = step.apply(all)
        assert.deepStrictEqual(step.apply(all), answers)
        assert.deepStrictEqual(
          all.flatMap((event) => step.apply([event])),
          answers
        )
        assert.deepStrictEqual((yield* open).apply(all.toReversed()), answers.toReversed())
        assert.deepStrictEqual(step.apply([]), [])
      })
    )

    it.effect("gives a delete no data", () =>
      Effect.gen(function* () {
        for (const answer of (yield* open).apply(frozen(deletes))) {
          if (isEvent(answer)) assert.isUndefined(answer.data)
        }
      })
    )
  })
}
