/**
 * Which fields of a type hold what was said. A type tells it by a function, so it is asked: a record in which every text
 * says where it stands goes in, and what comes out names the fields.
 */
import type { EventType } from "@callstream/model"
import { dataOf, type Reading, shapesOf } from "./JsonSchema.ts"

/** Alternatives of a schema that are tried, one after the other. */
const rounds = 4

/** Paths below `data`, e.g. `utterances.text`. */
export const passageFields = (type: EventType.EventType): ReadonlySet<string> => {
  const found = new Set<string>()
  for (let round = 0; round < rounds; round++) {
    for (const text of textsOf(type, specimen(dataOf(type), "", round))) {
      for (const [, path] of text.matchAll(/\u{e000}([^\u{e001}]*)\u{e001}/gu)) if (path !== undefined) found.add(path)
    }
  }
  return found
}

/** A type whose function cannot live with such a record is not asked further. */
const textsOf = (type: EventType.EventType, data: unknown): ReadonlyArray<string> => {
  try {
    return type.text(data).map(({ text }) => text)
  } catch {
    return []
  }
}

const specimen = (reading: Reading, path: string, round: number): unknown => {
  const shapes = shapesOf(reading)
  const [shape, at] = shapes[round % Math.max(shapes.length, 1)] ?? []
  if (shape === undefined || at === undefined) return undefined
  switch (shape.kind) {
    case "text":
      return `\u{e000}${path}\u{e001}`
    case "instant":
      return "2026-01-01T00:00:00.000Z"
    case "whole":
    case "number":
      return 1
    case "flag":
      return true
    case "list":
      return shape.items.map((schema) => specimen({ ...at, schema }, path, round))
    case "fields":
      return Object.fromEntries(
        Object.entries(shape.fields).map(([name, schema]) => [
          name,
          specimen({ ...at, schema }, path === "" ? name : `${path}.${name}`, round)
        ])
      )
    case "open":
    case "any":
      return {}
  }
}
