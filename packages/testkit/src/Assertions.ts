/** What holds of a source after anything that happened to it. */
import { assert } from "@effect/vitest"
import type { Event } from "@callstream/model"
import { Books, type Pipeline } from "@callstream/core"
import { entityOf } from "./RememberingSink.ts"
import type { RigOn } from "./Rig.ts"
import type { SourceUnderTest } from "./SourceUnderTest.ts"
import type { Vendor } from "./Vendor.ts"

/** Asked for nothing but data, and never for what would destroy some. */
export const assertBlameless = <V extends Vendor>({ vendor }: RigOn<V>, { posts }: SourceUnderTest<V>): void => {
  assert.deepStrictEqual(vendor.forbidden(), [])
  for (const { method, path } of vendor.requests()) {
    if (method !== "GET") assert.deepStrictEqual([method, posts.includes(path)], ["POST", true], path)
  }
}

/** Said nobody's secret, and nobody's number. */
export const assertSilent = <V extends Vendor>(
  { overheard, sentSecrets, vendor }: RigOn<V>,
  source: SourceUnderTest<V>
): void => {
  const own = source.secrets(vendor)
  if (own.length > 0) assert.isAbove(sentSecrets.size, 0, "no secret was sent in a header that the test knows")
  const secrets = [...own, ...sentSecrets].flatMap((secret) => [
    secret,
    encodeURIComponent(secret),
    Buffer.from(secret).toString("base64")
  ])
  const numbers = new Set(source.personal?.(vendor))
  if (source.personal !== undefined) assert.isAbove(numbers.size, 0)
  const said = overheard.lines.filter((line) => [...secrets, ...numbers].some((secret) => line.includes(secret)))
  assert.deepStrictEqual(
    said.map((line) => line.slice(0, 200)),
    []
  )
}

/** What holds after any run. */
export const assertKept = <V extends Vendor>(
  rig: RigOn<V>,
  source: SourceUnderTest<V>,
  { status }: Pipeline.Outcome
): void => {
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
