import { assert, describe, it } from "@effect/vitest"
import type { Json } from "@callstream/model"
import type { Source } from "@callstream/core"
import { classify, type Classified, keyed, type Known, type Setting } from "../../src/engine/Classifier.ts"
import type { SeenRow } from "../../src/state/State.ts"
import { bodyType, callType } from "../support/Vendor.ts"

const now = Date.UTC(2026, 0, 1)
const setting: Setting = { uri: "test/main", revision: 1, batch: 5, now, bytes: 100, steps: [] }
const nothing: Known = { seen: new Map(), pending: new Map() }

const record = (subject: string, content: Json, more: Partial<Source.SourceRecord> = {}): Source.SourceRecord => ({
  type: callType,
  subject,
  op: "upsert",
  content,
  normalize: () => ({ data: { value: content } }),
  ...more
})

const run = (
  rows: ReadonlyArray<Source.SourceRecord | Source.Unreadable>,
  known: Known = nothing,
  more: Partial<Setting> = {}
) => classify(keyed("test/main#rows", rows), known, { ...setting, ...more })

const knowing = (rows: ReadonlyArray<SeenRow>): Known => ({
  ...nothing,
  seen: new Map(rows.map((row) => [row.key, row]))
})
const versions = ({ entries }: Classified) => entries.map(({ event }) => Number(event.asof))

describe("classify", () => {
  it("counts every record once", () => {
    const first = run([record("a", 1)])
    const rows = [record("a", 1), record("b", 2), { unreadable: "is no row", raw: "?" }]
    const { books } = run(rows, knowing(first.changed))
    assert.deepInclude(books, { read: 3, unchanged: 1, unreadable: 1, emitted: 1, filtered: 0 })
  })

  it("issues a later version than any before, whatever the clock says", () => {
    const first = run([record("a", 1)])
    const second = run([record("a", 2)], knowing(first.changed), { now: now - 3_600_000 })
    assert.deepStrictEqual([versions(first), versions(second)], [[now], [now + 1]])
  })

  it("gives two versions in one page two instants, in order", () => {
    assert.deepStrictEqual(versions(run([record("a", 1), record("a", 2), record("a", 2)])), [now, now + 1])
  })

  it("sends what is in doubt again as the same version, and only that", () => {
    const first = run([record("a", 1)])
    const doubtful = first.changed.map((row) => ({ ...row, doubt: true }))
    const again = run([record("a", 1)], knowing(doubtful), { now: now + 1000, batch: 6 })
    assert.deepStrictEqual(again.entries[0]?.event, first.entries[0]?.event)
    assert.deepInclude(again.changed[0], { batch: 6, doubt: false })
    const other = run([record("a", 2)], knowing(doubtful))
    assert.notStrictEqual(other.entries[0]?.event.id, first.entries[0]?.event.id)
  })

  it("takes a lower version of the vendor's for stale", () => {
    const first = run([record("a", 1, { version: 10 })])
    assert.strictEqual(run([record("a", 2, { version: 9 })], knowing(first.changed)).books.unchanged, 1)
    assert.strictEqual(run([record("a", 2, { version: 10 })], knowing(first.changed)).books.emitted, 1)
  })

  it("does not enter what a step drops, so that a relaxed filter finds it again", () => {
    const dropped = run([record("a", 1)], nothing, {
      steps: [{ apply: (events) => events.map(() => "drop" as const) }]
    })
    assert.deepInclude(dropped.books, { read: 1, filtered: 1, emitted: 0 })
    assert.deepStrictEqual(dropped.changed, [])
  })

  it("buries what a step refuses, and does not meet it again", () => {
    const steps = [{ apply: (events: ReadonlyArray<unknown>) => events.map(() => ({ refused: "no" })) }]
    const refused = run([record("a", 1)], nothing, { steps })
    assert.deepStrictEqual(
      refused.deadLetters.map(({ reason, stage }) => [stage, reason]),
      [["step", "no"]]
    )
    assert.strictEqual(run([record("a", 1)], knowing(refused.changed), { steps }).books.unchanged, 1)
  })

  it("buries a record that its source cannot normalize, with the row", () => {
    const broken = record(
      "a",
      { odd: true },
      {
        normalize: () => {
          throw new TypeError("undefined is not a function")
        }
      }
    )
    const { books, deadLetters } = run([broken, record("b", 1)])
    assert.deepInclude(books, { emitted: 1, unreadable: 1 })
    assert.deepInclude(deadLetters[0], {
      subject: "a",
      reason: "could not be normalized (TypeError)",
      payload: { odd: true }
    })
  })

  const content = { type: bodyType, subject: "a", token: "sum1", request: "a" }
  const awaited = (key: string, token: string, refill?: ReadonlyArray<string>) => {
    const row = { key, type: bodyType.type, subject: "a", token, request: "a", attempts: 0, due: 0 }
    return new Map([[key, refill === undefined ? row : { ...row, refill }]])
  }
  const fetched = (token: string) => record("a", "text", { type: bodyType, fetched: token })

  it("takes a row that only announces its content for no record", () => {
    const row = record("a", 1, { type: bodyType, pending: content, announces: true })
    const first = run([row])
    assert.deepInclude(first.books, { read: 0, emitted: 0, unchanged: 0 })
    assert.deepStrictEqual([first.changed, first.pending.map(({ token }) => token)], [[], ["sum1"]])
    const pending = new Map(first.pending.map((row) => [row.key, row]))
    const body = run([fetched("sum1")], { ...nothing, pending })
    const again = run([row], knowing(body.changed))
    assert.deepStrictEqual([again.pending, again.readAgain], [[], body.changed.map(({ key }) => key)])
  })

  it("asks for a content once per token", () => {
    const first = run([record("a", 1, { pending: content })])
    assert.deepStrictEqual(
      first.pending.map(({ subject, token }) => [subject, token]),
      [["a", "sum1"]]
    )
    const key = first.pending[0]?.key ?? ""
    assert.deepStrictEqual(
      run([record("a", 2, { pending: content })], { ...nothing, pending: awaited(key, "sum1") }).pending,
      []
    )
    const body = run([fetched("sum1")], { ...nothing, pending: awaited(key, "sum1") })
    assert.deepStrictEqual([body.books.emitted, body.fetched], [1, [{ key, token: "sum1" }]])
    assert.deepStrictEqual(run([record("a", 3, { pending: content })], knowing(body.changed)).pending, [])
    assert.strictEqual(
      run([record("a", 3, { pending: { ...content, token: "sum2" } })], knowing(body.changed)).pending.length,
      1
    )
  })

  it("drops a body whose checksum is no longer wanted", () => {
    const key = run([record("a", 1, { pending: content })]).pending[0]?.key ?? ""
    assert.strictEqual(run([fetched("sum1")], { ...nothing, pending: awaited(key, "sum2") }).books.emitted, 0)
    assert.strictEqual(run([fetched("sum1")]).books.emitted, 0)
  })

  it("forgets a pending content when its entity is deleted", () => {
    const key = run([record("a", 1, { pending: content })]).pending[0]?.key ?? ""
    const gone = run([record("a", null, { type: bodyType, op: "delete" })], {
      ...nothing,
      pending: awaited(key, "sum1")
    })
    assert.deepStrictEqual(gone.fetched, [{ key }])
  })
})
