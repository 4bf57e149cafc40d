/** What a loop by hand does with a page. */
import type { Event } from "@callstream/model"

/** A page: the vendor's rows as they came, or, in the same-work loop, the events made of them. */
export type Passed = { readonly rows: ReadonlyArray<Row> } | { readonly events: ReadonlyArray<Event> }

/** A row of the vendor, and what it is known by. */
export interface Row {
  readonly id: string
  readonly row: unknown
}

export interface Writer {
  /** Takes a page; one call at a time. */
  readonly write: (page: Passed) => Promise<void>
  /** Writes what was gathered, and ends. */
  readonly close: () => Promise<void>
}

/** Gathers what was made of pages until there is enough for a send; one send is under way at a time. */
export const gathering = <A>(
  most: { readonly records: number; readonly bytes: number },
  sizeOf: (item: A) => number,
  send: (items: Array<A>) => Promise<void>
) => {
  let items: Array<A> = []
  let bytes = 0
  const flush = async () => {
    if (items.length > 0) await send(items)
    items = []
    bytes = 0
  }
  return {
    add: async (more: ReadonlyArray<A>) => {
      for (const item of more) {
        const size = sizeOf(item)
        if (items.length === most.records || bytes + size > most.bytes) await flush()
        items.push(item)
        bytes += size
      }
    },
    flush
  }
}
