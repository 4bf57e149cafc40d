/**
 * The envelope: what leaves a source, as a CloudEvent 1.0. Its two encodings (JSON structured, Kafka binary) are in
 * `CloudEvent.ts`.
 */
import { Schema } from "effect"

/** `upsert` replaces the whole entity, `delete` ends it. */
export const Op = Schema.Literals(["upsert", "delete"])
export type Op = typeof Op.Type

/**
 * One version of one entity. An entity is (`source`, `type`, `subject`).
 *
 * In memory the fields are those of the wire, so that encoding costs nothing; instants are RFC 3339 texts in UTC.
 */
export interface Event<Data = unknown> {
  /** Deterministic: the same version of the same entity has the same id for ever. */
  readonly id: string
  /** `callstream.call.v1`, … */
  readonly type: string
  /** Where it was read, e.g. `8x8/storage/us-east`. */
  readonly source: string
  /** The entity's key: what identifies the record for ever within its stream. */
  readonly subject: string
  /** When the thing happened, RFC 3339 in UTC with milliseconds; absent when the vendor does not say. */
  readonly time?: string
  readonly op: Op
  /** The id that joins everything about one call or chat; absent when unknown. */
  readonly conversation?: string
  /** The version: decimal epoch milliseconds. A later one wins. */
  readonly asof: string
  /** The JSON Schema of `data`. */
  readonly dataschema: string
  /** The normalized record, absent on a delete; its `raw` is the vendor's record, its `warnings` what could not be read. */
  readonly data?: Data
}
