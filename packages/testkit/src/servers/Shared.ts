/**
 * The servers that all tests of one run share. Vitest loads a global setup once per project, each with modules of its
 * own, so what is shared hangs on the process, with a count of those who hold it.
 */
import { openKafka } from "./Kafka.ts"
import { openOpenSearch } from "./OpenSearch.ts"
import type { Line } from "./OpenSearchInstall.ts"
import { linesOf } from "./OpenSearchInstall.ts"
import { findJavas } from "./Java.ts"

/** Plaintext addresses, `host:port`. */
export interface SharedKafka {
  readonly brokers: ReadonlyArray<string>
}

/** Newest line first. */
export type SharedOpenSearch = ReadonlyArray<{ readonly line: Line; readonly url: string }>

interface Found<A> {
  readonly value: A
  readonly close: () => Promise<void>
}

interface Holding {
  count: number
  readonly found: Promise<Found<unknown>>
}

const key = Symbol.for("@callstream/testkit/servers")

const holdings = (): Map<string, Holding> => {
  const place = globalThis as { [key]?: Map<string, Holding> }
  return (place[key] ??= new Map())
}

/** Opens something once per process, and closes it when the last who asked lets go. */
export const shared = async <A>(name: string, open: () => Promise<Found<A>>): Promise<Found<A>> => {
  const all = holdings()
  const holding = all.get(name) ?? { count: 0, found: open() }
  all.set(name, holding)
  holding.count++
  const release = async () => {
    holding.count--
    if (holding.count > 0) return
    all.delete(name)
    await (await holding.found).close()
  }
  try {
    // The same name was opened with the same type.
    return { value: (await holding.found).value as A, close: release }
  } catch (error) {
    all.delete(name)
    throw error
  }
}

export const sharedKafka = (): Promise<Found<SharedKafka>> =>
  shared("kafka", async () => {
    const { close, cluster } = await openKafka({})
    return { value: { brokers: cluster.brokers }, close }
  })

export const sharedOpenSearch = (): Promise<Found<SharedOpenSearch>> =>
  shared("opensearch", async () => {
    const lines = linesOf(findJavas()).toReversed()
    const started = await Promise.all(lines.map((line) => openOpenSearch({ line })))
    return {
      value: started.map(({ cluster }) => ({ line: cluster.line, url: cluster.url })),
      close: async () => {
        await Promise.all(started.map(({ close }) => close()))
      }
    }
  })
