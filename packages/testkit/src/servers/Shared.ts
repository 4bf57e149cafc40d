/**
 * The servers that all tests of one run share. Vitest loads a global setup once per project, each with modules of its
 * own, so what is shared hangs on the process, with a count of those who hold it.
 */
import { firstWay } from "./Finding.ts"
import { sharedKafkaWays } from "./Kafka.ts"
import { sharedOpenSearchWays, type SharedNode } from "./OpenSearch.ts"
import type { Open } from "./Place.ts"

/** Plaintext addresses, `host:port`. */
export interface SharedKafka {
  readonly brokers: ReadonlyArray<string>
}

/** Newest line first. */
export type SharedOpenSearch = ReadonlyArray<SharedNode>

interface Holding {
  count: number
  readonly found: Promise<Open<unknown>>
}

const key = Symbol.for("@callstream/testkit/servers")

const holdings = (): Map<string, Holding> => {
  const place = globalThis as { [key]?: Map<string, Holding> }
  return (place[key] ??= new Map())
}

/** Opens something once per process, and closes it when the last who asked lets go. */
export const shared = async <A>(name: string, open: () => Promise<Open<A>>): Promise<Open<A>> => {
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

export const sharedKafka = (): Promise<Open<SharedKafka>> =>
  shared("kafka", async () => {
    const { close, value } = await firstWay("Kafka", sharedKafkaWays(process.env), false)
    return { value: { brokers: value.brokers }, close }
  })

export const sharedOpenSearch = (): Promise<Open<SharedOpenSearch>> =>
  shared("opensearch", () => firstWay("OpenSearch", sharedOpenSearchWays(process.env), false))
