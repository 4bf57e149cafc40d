/** `./run servers`: a Kafka and an OpenSearch at fixed ports, for a person, until Ctrl-C. */
import { parseArgs } from "node:util"
import { Cause, Effect, Exit, Schema, type Scope } from "effect"
import { startKafka } from "./Kafka.ts"
import { startOpenSearch } from "./OpenSearch.ts"
import { isFree } from "./Ports.ts"
import type { ServerMissing } from "./ServerMissing.ts"

/** What was asked for cannot be done; the message says what to do. */
class Unusable extends Schema.TaggedError<Unusable>()("Unusable", { message: Schema.String }) {}

const usage = "Usage: ./run servers [--kafka-port 9092] [--opensearch-port 9200]"

const portOf = (option: string, text: string): number => {
  const port = Number(text)
  if (!Number.isInteger(port) || port < 1 || port > 65_535) throw new Error(`--${option} ${text} is not a port.`)
  return port
}

const readPorts = Effect.try({
  try: () => {
    const { values } = parseArgs({
      options: {
        "kafka-port": { type: "string", default: "9092" },
        "opensearch-port": { type: "string", default: "9200" }
      }
    })
    return {
      kafka: portOf("kafka-port", values["kafka-port"]),
      openSearch: portOf("opensearch-port", values["opensearch-port"])
    }
  },
  catch: (error) => new Unusable({ message: `${error instanceof Error ? error.message : String(error)}\n${usage}` })
})

const checkPort = Effect.fn("servers.checkPort")(function* (server: string, option: string, port: number) {
  if (yield* Effect.promise(() => isFree(port))) return
  return yield* new Unusable({
    message: `Port ${port}, meant for ${server}, is taken. Stop what listens there, or choose another: --${option} ${port + 1}`
  })
})

const say = (text: string) => Effect.sync(() => process.stdout.write(`${text}\n`))

/** Ends at the first Ctrl-C, or when whatever started us wants us to end. */
const untilStopped = Effect.callback<void>((resume) => {
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
    process.once(signal, () => resume(Effect.void))
  }
})

const instructions = (broker: string, url: string, version: string) => `
Kafka       ${broker}
OpenSearch  ${url}  (${version})

In a pipeline file:

  sinks:
    bus: { type: kafka, brokers: ["${broker}"] }
    search: { type: opensearch, node: ${url} }

For tests:

  KAFKA_BROKERS=${broker} OPENSEARCH_URL=${url} ./run test

What they hold is gone when they stop. Ctrl-C stops them.`

const servers: Effect.Effect<void, Unusable | ServerMissing, Scope.Scope> = Effect.gen(function* () {
  const ports = yield* readPorts
  yield* checkPort("Kafka", "kafka-port", ports.kafka)
  yield* checkPort("OpenSearch", "opensearch-port", ports.openSearch)
  yield* say("Starting Kafka and OpenSearch; the first time they are fetched, which takes a minute.")
  const [kafka, openSearch] = yield* Effect.all(
    [startKafka({ port: ports.kafka }), startOpenSearch({ port: ports.openSearch })],
    { concurrency: 2 }
  )
  yield* say(instructions(kafka.brokers.join(","), openSearch.url, openSearch.version))
  yield* untilStopped
})

const exit = await Effect.runPromiseExit(Effect.scoped(Effect.raceFirst(servers, untilStopped)))
if (Exit.isFailure(exit)) {
  const error = Cause.squash(exit.cause)
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`)
}
process.exit(Exit.isFailure(exit) ? 1 : 0)
