/** Looks into values whose shape nobody vouches for. */

export type Unknowns = Readonly<Record<string, unknown>>

/** An object with members: no array, not null. */
export const isRecord = (value: unknown): value is Unknowns =>
  typeof value === "object" && value !== null && !Array.isArray(value)

/** A member's value; `undefined` when it is not there, or this is no object. */
export const member = (value: unknown, name: string): unknown =>
  isRecord(value) && Object.hasOwn(value, name) ? value[name] : undefined
