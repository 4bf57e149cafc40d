/** A broker and a node of the benchmark's own, each started when the first case needs it, for all that follow. */
import { Effect, Scope } from "effect"
import { startKafka, startOpenSearch } from "@callstream/testkit/servers"
import type { ServerName } from "./Job.ts"

/** Gives the address of a server. */
export type Servers = (name: ServerName) => Promise<string>

export const servers: Effect.Effect<Servers, never, Scope.Scope> = Effect.gen(function* () {
  const scope = yield* Effect.scope
  const kafka = Effect.map(startKafka(), ({ brokers }) => brokers[0] ?? "")
  const openSearch = Effect.map(startOpenSearch({ heap: "1g" }), ({ url }) => url)
  const [theKafka, theOpenSearch] = yield* Effect.all([Effect.cached(kafka), Effect.cached(openSearch)])
  return (name) =>
    Effect.runPromise((name === "kafka" ? theKafka : theOpenSearch).pipe(Effect.provideService(Scope.Scope, scope)))
})
