/** What holds of a source after anything that happened to it. */
import { assert } from "@effect/vitest"
import type { Event } from "@callstream/model"
import { Books, type Pipeline } from "@callstream/core"
import { entityOf } from "./RememberingSink.ts"
import type { Rig } from "./Rig.ts"
import type { SourceUnderTest } from "./SourceUnderTest.ts"

/** Numbers that somebody can be called at, wherever they stand in a record. */
const phonesIn = (records: unknown): ReadonlySet<string> =>
  new Set(JSON.stringify(records).match(/(?<=")\+?(?:1\d{3}55501\d{2}|1440555\d{4}|44163296\d{4,6})(?=\\?")/g) ?? [])

/** Asked for nothing but data, and never for what would destroy some. */
export const assertBlameless = ({ sandbox }: Rig, { posts }: SourceUnderTest): void => {
  assert.deepStrictEqual(sandbox.forbidden(), [])
  for (const { method, path } of sandbox.requests()) {
    if (method !== "GET") assert.deepStrictEqual([method, posts.includes(path)], ["POST", true], path)
  }
}

/** Said nobody's secret, and nobody's number. */
export const assertSilent = ({ overheard, sandbox, sentSecrets }: Rig, source: SourceUnderTest): void => {
  assert.isAbove(sentSecrets.size, 0)
  const secrets = [...source.secrets(sandbox), ...sentSecrets].flatMap((secret) => [
    secret,
    encodeURIComponent(secret),
    Buffer.from(secret).toString("base64")
  ])
  const numbers = phonesIn(source.streams.map((stream) => sandbox.records(stream, { rows: true })))
  assert.isAbove(numbers.size, 0)
  const said = overheard.lines.filter((line) => [...secrets, ...numbers].some((secret) => line.includes(secret)))
  assert.deepStrictEqual(
    said.map((line) => line.slice(0, 200)),
    []
  )
}

/** What holds after any run. */
export const assertKept = (rig: Rig, source: SourceUnderTest, { status }: Pipeline.Outcome): void => {
  for (const { books, partition } of status.partitions) assert.isUndefined(Books.imbalance(books), partition)
  assert.strictEqual(status.deadLetters, 0)
  assertBlameless(rig, source)
  assertSilent(rig, source)
}

/** No version of an entity was sent twice. */
export const assertOnce = (log: ReadonlyArray<Event>): void => {
  const sent = log.map((event) => `${entityOf(event)} ${event.id}`)
  assert.deepStrictEqual(sent.toSorted(), [...new Set(sent)].toSorted())
}

/** Nobody was given two identities: all events of an entity, in a company at rest, are one. */
export const assertOneIdentity = (log: ReadonlyArray<Event>): void => {
  const known = new Map<string, Event>()
  for (const event of log) {
    const first = known.get(entityOf(event)) ?? event
    known.set(entityOf(event), first)
    assert.deepStrictEqual([event.id, event.asof], [first.id, first.asof], entityOf(event))
  }
}
