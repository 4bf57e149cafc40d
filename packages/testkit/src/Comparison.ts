/** What a sink holds against what exists at the vendor. */
import { assert } from "@effect/vitest"
import type { Event, Op } from "@callstream/model"
import type { Sandbox, StreamName, Truth } from "@callstream/sandbox"
import { entityOf } from "./RememberingSink.ts"

/** An entity that a sink has to hold. */
export interface Expected {
  readonly type: string
  readonly source: string
  readonly subject: string
  /** `upsert` unless it is gone. */
  readonly op?: Op
  /** Absent: the event has none. */
  readonly conversation?: string
  /** Of an upsert, RFC 3339 in UTC. Absent: the event has none. */
  readonly time?: string
  /** Fields of its data; those that are not named may be anything. */
  readonly data?: Readonly<Record<string, unknown>>
}

/** The entities that records make; rows are with them. */
export type Expectation = (records: ReadonlyArray<Truth>) => ReadonlyArray<Expected>

/** The row of a record, which is an object in all streams but contents. */
export const fieldsOf = ({ key, row }: Truth): Readonly<Record<string, unknown>> => {
  if (typeof row !== "object" || row === null) throw new Error(`${key} has no row`)
  return Object.fromEntries(Object.entries(row))
}

/** Entities by `entityOf`. */
export const byEntity = (entities: ReadonlyArray<Expected>): ReadonlyMap<string, Expected> =>
  new Map(entities.map((entity) => [entityOf(entity), entity]))

/** All entities that have to be held now, by `entityOf`. */
export const expectedOf = (
  sandbox: Sandbox,
  streams: ReadonlyArray<StreamName>,
  expectation: Expectation
): ReadonlyMap<string, Expected> =>
  byEntity(expectation(streams.flatMap((stream) => sandbox.records(stream, { rows: true }))))

const fieldOf = ({ data }: Event, name: string): unknown =>
  typeof data === "object" && data !== null ? Reflect.get(data, name) : undefined

/** The entity of an event, as far as is expected of it. */
const heldAs = (event: Event, { data }: Expected): Expected => {
  const { conversation, op, source, subject, time, type } = event
  return {
    type,
    source,
    subject,
    ...(op === "delete" ? { op } : {}),
    ...(conversation === undefined ? {} : { conversation }),
    ...(time === undefined || op === "delete" ? {} : { time }),
    ...(data === undefined
      ? {}
      : { data: Object.fromEntries(Object.keys(data).map((name) => [name, fieldOf(event, name)])) })
  }
}

/** Fails unless all that exists is held, and nothing else but what existed before. */
export const assertHeld = (
  held: ReadonlyMap<string, Event>,
  expected: ReadonlyMap<string, Expected>,
  before: ReadonlyMap<string, Expected> = new Map()
): void => {
  assert.isAbove(expected.size, 0, "nothing exists at the vendor")
  const missing = [...expected.keys()].filter((entity) => !held.has(entity))
  const surplus = [...held.keys()].filter((entity) => !expected.has(entity) && !before.has(entity))
  assert.deepStrictEqual({ missing, surplus }, { missing: [], surplus: [] })
  for (const [entity, wanted] of expected) {
    const event = held.get(entity)
    if (event !== undefined) assert.deepStrictEqual(heldAs(event, wanted), wanted)
  }
}

/** Entities that exist now and did not, or were otherwise. */
export const changedSince = (
  before: ReadonlyMap<string, Expected>,
  now: ReadonlyMap<string, Expected>
): ReadonlyArray<string> =>
  [...now].filter(([entity, is]) => JSON.stringify(is) !== JSON.stringify(before.get(entity))).map(([entity]) => entity)
