/** Topics and indices of one run, made before it and gone after it; each run has names of its own. */
import { randomUUID } from "node:crypto"
import { Admin } from "@platformatic/kafka"
import { Effect } from "effect"
import { type EventType, eventTypes } from "@callstream/model"
import { plugin as kafka } from "@callstream/sink-kafka"
import { plugin as opensearch } from "@callstream/sink-opensearch"
import { plugin as recentcalls } from "@callstream/source-recentcalls"
import { plugin as storage } from "@callstream/source-storage"
import type { LoopName, Place, ServerName, SourceName } from "./Job.ts"
import { partitions, rowsOf } from "./Names.ts"
import { kafkaSettings, openSearchSettings, services, sinkPlace } from "./Settings.ts"

/** What is set up for a run: for ours all that its source may emit, as it demands. */
export const typesFor = (loop: LoopName, source: SourceName): ReadonlyArray<EventType.EventType> => {
  if (loop === "ours") return source === "storage" ? storage.events : recentcalls.events
  if (loop === "bare") return []
  return [source === "storage" ? eventTypes.recording : eventTypes.call]
}

const asAdmin = async (address: string, act: (admin: Admin) => Promise<unknown>) => {
  const admin = new Admin({ clientId: "bench", bootstrapBrokers: [address] })
  try {
    await act(admin)
  } finally {
    await admin.close()
  }
}

const ask = async (method: string, url: string, json?: unknown) => {
  const answer = await fetch(url, {
    method,
    headers: { "content-type": "application/json" },
    ...(json === undefined ? {} : { body: JSON.stringify(json) })
  })
  const text = await answer.text()
  // Nothing to delete: for rows as they came there is no template.
  if (method === "DELETE" && answer.status === 404) return
  if (!answer.ok) throw new Error(`${method} ${url} answered ${answer.status}: ${text}`)
}

/** Makes what `callstream setup` makes for these types, and a topic or index for rows as they came. */
const make = (server: ServerName, address: string, types: ReadonlyArray<EventType.EventType>): Promise<Place> =>
  Effect.gen(function* () {
    const place = { address, prefix: `bench-${randomUUID().slice(0, 13)}-` }
    const rows = rowsOf(place.prefix)
    if (server === "kafka") {
      yield* kafka.setup?.(yield* kafkaSettings(place), sinkPlace(types), { dryRun: false }) ?? Effect.void
      yield* Effect.promise(() => asAdmin(address, (admin) => admin.createTopics({ topics: [rows], partitions })))
    } else {
      yield* opensearch.setup?.(yield* openSearchSettings(place), sinkPlace(types), { dryRun: false }) ?? Effect.void
      // Its mapping is what OpenSearch makes of the rows by itself.
      const settings = { number_of_replicas: 0, refresh_interval: "5s" }
      yield* Effect.promise(() => ask("PUT", `${address}/${rows}`, { settings }))
    }
    return place
  }).pipe(Effect.provide(services), Effect.scoped, Effect.runPromise)

const drop = async (server: ServerName, { address, prefix }: Place): Promise<void> => {
  if (server === "kafka") {
    return asAdmin(address, async (admin) => {
      const topics = (await admin.listTopics()).filter((topic) => topic.startsWith(prefix))
      await admin.deleteTopics({ topics })
    })
  }
  for (const what of ["", "_index_template/", "_component_template/"]) {
    await ask("DELETE", `${address}/${what}${prefix}*`)
  }
}

/** Runs something with a place of its own on a server. */
export const withPlace = async <A>(
  server: ServerName,
  address: string,
  types: ReadonlyArray<EventType.EventType>,
  use: (place: Place) => Promise<A>
): Promise<A> => {
  const place = await make(server, address, types)
  try {
    return await use(place)
  } finally {
    await drop(server, place)
  }
}
