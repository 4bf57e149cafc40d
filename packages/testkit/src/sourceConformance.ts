/**
 * What every source keeps, whichever API it reads: each record once, whatever becomes of answers, connections and
 * processes; late and changed records too; no secret said, nothing destroyed. The source runs under the real runner,
 * against a sandbox.
 */
import { assert, describe, it } from "@effect/vitest"
import { Duration, Effect, Result, Schema, type Scope } from "effect"
import { CloudEvent, type Event } from "@callstream/model"
import { Books, type Pipeline, type Plugin } from "@callstream/core"
import type { ApiName, Fault, Knobs, Sandbox, SandboxOptions, StreamName } from "@callstream/sandbox"
import { assertHeld, changedSince, type Expectation, expectedOf } from "./Comparison.ts"
import { entityOf } from "./RememberingSink.ts"
import { makeRig, type Rig, type Settings } from "./Rig.ts"

/** A source, and what a sandbox has for it. */
export interface SourceUnderTest {
  readonly plugin: Plugin.SourcePlugin
  readonly api: ApiName
  /** Settings for a sandbox, in pages as small as may be. The suite adds when and how fast is read. */
  readonly settings: (sandbox: Sandbox) => Settings
  /** Values of the settings that are secrets. */
  readonly secrets: (sandbox: Sandbox) => ReadonlyArray<string>
  /** Settings that the vendor refuses, by what is wrong with them. */
  readonly refused: Readonly<Record<string, Settings>>
  /** What requests for a page have in their path or query, and no others. */
  readonly pages: string
  /** Paths that a POST may go to. */
  readonly posts: ReadonlyArray<string>
  /** What the source reads of a sandbox, and the entities each record makes. */
  readonly streams: ReadonlyArray<StreamName>
  readonly expected: Expectation
  /** What may happen at the vendor, by name, one after the other. Only what it touches may be sent again. */
  readonly changes: Readonly<Record<string, ReadonlyArray<(sandbox: Sandbox) => void>>>
  /** Other ways that the vendor may be, by name. */
  readonly knobs?: Readonly<Record<string, Partial<Knobs>>>
  /** Size of the company where reading ahead is bounded: so many calls that the source has several pages of them. */
  readonly manyCalls?: number
}

/** Faults that a source has to come through, by what they look like. */
const faults: Readonly<Record<string, Fault | ReadonlyArray<Fault>>> = {
  "429 with a number of seconds": { kind: "429", retryAfter: 2, times: 3, skip: 1 },
  "429 with a date": { kind: "429", retryAfter: "date", times: 2, skip: 2 },
  "429 that says nothing": { kind: "429", times: 3, skip: 1 },
  "503": { kind: "503", times: 3, skip: 1 },
  "500": { kind: "500", times: 3, skip: 1 },
  "500 until the window is given up": { kind: "500", times: 12, skip: 2 },
  "connections that are reset": { kind: "reset", probability: 0.25 },
  "connections that are reset in the middle of a body": { kind: "reset-mid-body", probability: 0.25 },
  "bodies that are cut short": { kind: "truncate", times: 2, skip: 2 },
  "a login page instead of data": { kind: "html", times: 2, skip: 2 },
  "tokens that expire": [2, 5, 8].map((skip): Fault => ({ kind: "expire-token", times: 1, skip })),
  "slow answers": { kind: "slow", delayMs: 20, probability: 0.3 }
}

/** A set that changes while it is walked. */
const shifts: Readonly<Record<string, Fault>> = {
  "a record that appears between two pages": { kind: "shift-page", shift: "insert", probability: 0.3 },
  "a record that vanishes between two pages": { kind: "shift-page", shift: "remove", probability: 0.3 }
}

const timing: Settings = {
  since: "2026-11-16",
  poll: "1 s",
  lag: "0 s",
  lookback: [
    { span: "6 h", every: "10 s" },
    { span: "7 d", every: "1 h" }
  ],
  rate: { perSecond: 1000, concurrency: 4 }
}

/** Nothing is asked for again within a test. */
const unhurried: Settings = { poll: "1 h", lookback: [] }

/** Numbers that somebody can be called at, wherever they stand in a record. */
const phonesIn = (records: unknown): ReadonlySet<string> =>
  new Set(JSON.stringify(records).match(/(?<=")\+?(?:1\d{3}55501\d{2}|1440555\d{4}|44163296\d{4,6})(?=\\?")/g) ?? [])

/** Declares the suite. */
export const sourceConformance = (name: string, source: SourceUnderTest): void => {
  const { api, manyCalls = 60, plugin, streams } = source

  const rigOf = (options?: SandboxOptions) =>
    makeRig(plugin, (sandbox) => ({ ...timing, ...source.settings(sandbox) }), options)

  const truth = ({ sandbox }: Rig) => expectedOf(sandbox, streams, source.expected)

  /** What holds after any run. */
  const assertKept = (rig: Rig, { status }: Pipeline.Outcome) => {
    for (const { books, partition } of status.partitions) assert.isUndefined(Books.imbalance(books), partition)
    assert.strictEqual(status.deadLetters, 0)
    assertBlameless(rig)
    assertSilent(rig)
  }

  const assertBlameless = ({ sandbox }: Rig) => {
    assert.deepStrictEqual(sandbox.forbidden(), [])
    for (const { method, path } of sandbox.requests()) {
      if (method !== "GET") assert.deepStrictEqual([method, source.posts.includes(path)], ["POST", true], path)
    }
  }

  const assertSilent = ({ overheard, sandbox, sentSecrets }: Rig) => {
    assert.isAbove(sentSecrets.size, 0)
    const secrets = [...source.secrets(sandbox), ...sentSecrets].flatMap((secret) => [
      secret,
      encodeURIComponent(secret),
      Buffer.from(secret).toString("base64")
    ])
    const numbers = phonesIn(streams.map((stream) => sandbox.records(stream, { rows: true })))
    assert.isAbove(numbers.size, 0)
    const said = overheard.lines.filter((line) => [...secrets, ...numbers].some((secret) => line.includes(secret)))
    assert.deepStrictEqual(
      said.map((line) => line.slice(0, 200)),
      []
    )
  }

  const assertOnce = (log: ReadonlyArray<Event>) => {
    const sent = log.map((event) => `${entityOf(event)} ${event.id}`)
    assert.deepStrictEqual(sent.toSorted(), [...new Set(sent)].toSorted())
  }

  const live = (title: string, test: Effect.Effect<void, never, Scope.Scope>) => it.live(title, () => test, 60_000)

  describe(`${name} as a source`, () => {
    live(
      "delivers all that exists, each record once",
      Effect.gen(function* () {
        const rig = yield* rigOf()
        const outcome = yield* rig.run()
        assert.isTrue(outcome.complete && outcome.drained)
        assertHeld(rig.sink.held, truth(rig))
        assertOnce(rig.sink.log)
        assert.strictEqual(rig.sink.log.length, rig.sink.held.size)
        assertKept(rig, outcome)
      })
    )

    live(
      "gives a record the same id in every run, and other ids to other records",
      Effect.gen(function* () {
        const ids = Effect.scoped(
          Effect.gen(function* () {
            const rig = yield* rigOf()
            yield* rig.run()
            const entities = [...rig.sink.held].toSorted(([a], [b]) => (a < b ? -1 : 1))
            return entities.map(([entity, { id }]) => [entity, id] as const)
          })
        )
        const first = yield* ids
        assert.deepStrictEqual(yield* ids, first)
        assert.strictEqual(new Set(first.map(([, id]) => id)).size, first.length)
      })
    )

    live(
      "sends nothing again when it reads all of it again",
      Effect.gen(function* () {
        const rig = yield* rigOf()
        const first = yield* rig.run()
        const sent = rig.sink.log.length
        rig.clock.advance("2 hours")
        const second = yield* rig.run()
        assert.isTrue(second.complete)
        assert.strictEqual(rig.sink.log.length, sent)
        const unchanged = ({ status }: Pipeline.Outcome) =>
          status.partitions.reduce((sum, { books }) => sum + books.unchanged, 0)
        assert.isAbove(unchanged(second), unchanged(first))
        assertKept(rig, second)
      })
    )

    live(
      "gives events that fit their types and survive both encodings of CloudEvents",
      Effect.gen(function* () {
        const rig = yield* rigOf()
        yield* rig.run()
        const types = new Map(plugin.events.map((type) => [type.type, type]))
        for (const event of rig.sink.held.values()) {
          const type = types.get(event.type)
          assert.strictEqual(event.dataschema, type?.dataschema)
          if (type !== undefined && event.op === "upsert") {
            Schema.decodeUnknownSync(type.schema)(event.data, { onExcessProperty: "error" })
          }
          assert.deepStrictEqual(Result.getOrThrow(CloudEvent.fromJson(CloudEvent.toJson(event))), event)
          assert.deepStrictEqual(Result.getOrThrow(CloudEvent.fromKafka(CloudEvent.toKafka(event))), event)
        }
      })
    )

    live(
      "resumes wherever it was cut off",
      Effect.gen(function* () {
        const whole = yield* rigOf()
        const steps = yield* Effect.scoped(
          Effect.gen(function* () {
            const process = yield* whole.start({ once: true })
            yield* process.outcome
            return process.steps()
          })
        )
        assert.isAbove(steps, 4)
        for (let at = 1; at <= 8; at++) {
          yield* Effect.scoped(
            Effect.gen(function* () {
              const rig = yield* rigOf()
              const cut = { step: Math.ceil((at * steps) / 8), happens: at % 2 === 0 }
              yield* Effect.scoped(Effect.flatMap(rig.start({ once: true, cut }), ({ cutOff }) => cutOff))
              const outcome = yield* rig.run()
              assert.isTrue(outcome.complete)
              assertHeld(rig.sink.held, truth(rig))
              assertOneIdentity(rig.sink.log)
              assertKept(rig, outcome)
            })
          )
        }
      })
    )

    live(
      "comes to its end though it is cut off again and again",
      Effect.gen(function* () {
        const rig = yield* rigOf()
        for (let life = 1; life <= 12; life++) {
          const cut = { step: life, happens: life % 3 === 0 }
          yield* Effect.scoped(Effect.flatMap(rig.start({ once: true, cut }), ({ cutOff }) => cutOff))
        }
        const outcome = yield* rig.run()
        assert.isTrue(outcome.complete)
        assertHeld(rig.sink.held, truth(rig))
        assertOneIdentity(rig.sink.log)
        assertKept(rig, outcome)
      })
    )

    for (const [title, fault] of Object.entries(faults)) {
      live(
        `loses and doubles nothing with ${title}`,
        Effect.gen(function* () {
          const rig = yield* rigOf()
          for (const one of [fault].flat()) rig.sandbox.faults.add({ ...one, match: { api } })
          const outcome = yield* rig.runToTheEnd()
          for (const { struck } of rig.sandbox.faults.list()) assert.isAbove(struck, 0)
          assert.isTrue(outcome.complete)
          assertHeld(rig.sink.held, truth(rig))
          assertOnce(rig.sink.log)
          assertKept(rig, outcome)
        })
      )
    }

    for (const [title, fault] of Object.entries(shifts)) {
      live(
        `loses nothing with ${title}`,
        Effect.gen(function* () {
          const rig = yield* rigOf({ calls: manyCalls })
          const before = truth(rig)
          rig.sandbox.faults.add({ ...fault, match: { api, pathIncludes: source.pages } })
          yield* rig.run()
          rig.sandbox.faults.clear()
          const after = truth(rig)
          assert.notDeepEqual([...after], [...before])
          rig.clock.advance("2 hours")
          const outcome = yield* rig.runToTheEnd()
          assert.isTrue(outcome.complete)
          assertHeld(rig.sink.held, after, before)
          assertOnce(rig.sink.log)
          assertKept(rig, outcome)
        })
      )
    }

    for (const [title, changes] of Object.entries(source.changes)) {
      live(
        `delivers ${title}, and nothing else again`,
        Effect.gen(function* () {
          const rig = yield* rigOf()
          yield* rig.run()
          for (const change of changes) {
            const before = truth(rig)
            const sent = rig.sink.log.length
            rig.clock.advance("10 seconds")
            change(rig.sandbox)
            const after = truth(rig)
            const changed = changedSince(before, after)
            assert.isAbove(changed.length, 0)
            rig.clock.advance("2 hours")
            const outcome = yield* rig.run()
            assert.isTrue(outcome.complete)
            assertHeld(rig.sink.held, after)
            assert.deepStrictEqual(rig.sink.log.slice(sent).map(entityOf).toSorted(), [...changed].toSorted())
            assertKept(rig, outcome)
          }
        })
      )
    }

    for (const [title, knobs] of Object.entries(source.knobs ?? {})) {
      live(
        `delivers all where ${title}`,
        Effect.gen(function* () {
          const rig = yield* rigOf({ knobs })
          const outcome = yield* rig.run()
          assert.isTrue(outcome.complete)
          assertHeld(rig.sink.held, truth(rig))
          assertOnce(rig.sink.log)
          assertKept(rig, outcome)
        })
      )
    }

    live(
      "passes its own check",
      Effect.gen(function* () {
        const rig = yield* rigOf()
        const lines = yield* rig.check()
        assert.isAbove(lines.length, 0)
        for (const { detail, ok } of lines) assert.isTrue(ok, detail)
        assertBlameless(rig)
        assertSilent(rig)
      })
    )

    for (const [title, wrong] of Object.entries(source.refused)) {
      live(
        `parks with ${title}, says what to do, asks little, and goes on when that is mended`,
        Effect.gen(function* () {
          const rig = yield* rigOf()
          const settings = { ...timing, ...source.settings(rig.sandbox), ...wrong }
          const refused = yield* rig.run({ settings })
          assert.isFalse(refused.complete)
          const parks = yield* rig.parks
          assert.isAbove(parks.length, 0)
          for (const { remedy } of parks) assert.match(remedy, /\w{3}/)
          assert.strictEqual(rig.sink.log.length, 0)
          const asked = rig.sandbox.requests().length
          assert.isAtMost(asked, 6)
          yield* rig.run({ settings })
          assert.strictEqual(rig.sandbox.requests().length, asked, "a restart asked again")
          const lines = yield* rig.check(settings)
          assert.isTrue(lines.some(({ detail, ok }) => !ok && detail !== ""))
          const mended = yield* rig.run()
          assert.isTrue(mended.complete)
          assertHeld(rig.sink.held, truth(rig))
          assertKept(rig, mended)
        })
      )
    }

    live(
      "stops when told, with nothing in flight, and goes on from there",
      Effect.gen(function* () {
        const rig = yield* rigOf()
        rig.sink.hold()
        const stopped = yield* Effect.scoped(
          Effect.gen(function* () {
            const { outcome, pipeline } = yield* rig.start()
            yield* rig.sink.reached
            yield* pipeline.stop
            yield* rig.sink.release
            return yield* outcome
          })
        )
        assert.isTrue(stopped.drained)
        assertKept(rig, stopped)
        const rest = yield* rig.run()
        assert.isTrue(rest.complete)
        assertHeld(rig.sink.held, truth(rig))
        assertOnce(rig.sink.log)
      })
    )

    live(
      "follows what happens while it runs",
      Effect.gen(function* () {
        const rig = yield* rigOf()
        yield* Effect.scoped(
          Effect.gen(function* () {
            const { outcome, pipeline } = yield* rig.start()
            yield* until(rig, () => rig.sink.held.size >= truth(rig).size)
            rig.sandbox.company.addCalls(2)
            rig.sandbox.company.addChat()
            const after = truth(rig)
            yield* until(rig, () => [...after.keys()].every((entity) => rig.sink.held.has(entity)))
            yield* pipeline.stop
            assertKept(rig, yield* outcome)
          })
        )
        assertHeld(rig.sink.held, truth(rig))
        assertOnce(rig.sink.log)
      })
    )

    live(
      "reads ahead of a sink that is stuck by no more than its buffer",
      Effect.gen(function* () {
        const free = yield* rigOf({ calls: manyCalls })
        yield* free.run()
        const most = free.sandbox.requests().length

        const rig = yield* rigOf({ calls: manyCalls })
        rig.sink.hold()
        yield* Effect.scoped(
          Effect.gen(function* () {
            const settings = { ...timing, ...source.settings(rig.sandbox), ...unhurried }
            const buffer = { records: 10, bytes: 10_000_000 }
            const { outcome, pipeline } = yield* rig.start({ once: true, buffer, settings })
            yield* rig.sink.reached
            yield* quiet(rig)
            assert.isBelow(rig.sandbox.requests().length, most / 2)
            const { sinks } = yield* pipeline.status
            assert.isAtMost(sinks[0]?.buffered.records ?? 0, largestBatch + 10)
            yield* rig.sink.release
            assertKept(rig, yield* outcome)
          })
        )
        assertHeld(rig.sink.held, truth(rig))
        assertOnce(rig.sink.log)
      })
    )
  })
}

/** One batch may be larger than a buffer: a few pages of the largest that a vendor insists on. */
const largestBatch = 500

/** Nobody was given two identities: all events of an entity, in a company at rest, are one. */
const assertOneIdentity = (log: ReadonlyArray<Event>) => {
  const known = new Map<string, Event>()
  for (const event of log) {
    const first = known.get(entityOf(event)) ?? event
    known.set(entityOf(event), first)
    assert.deepStrictEqual([event.id, event.asof], [first.id, first.asof], entityOf(event))
  }
}

/** Waits for a condition, on the rig's clock. */
const until = ({ clock }: Rig, condition: () => boolean): Effect.Effect<void> =>
  Effect.gen(function* () {
    while (!condition()) yield* clock.sleep(Duration.millis(200))
  })

/** Waits until nothing was asked for a while. */
const quiet = (rig: Rig): Effect.Effect<void> => {
  let asked = -1
  let since = 0
  return until(rig, () => {
    const now = rig.sandbox.requests().length
    since = now === asked ? since + 1 : 0
    asked = now
    return since >= 20
  })
}
