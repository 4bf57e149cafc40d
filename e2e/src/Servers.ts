/** A broker and a node of a test file's own, to be killed. */
import { Context, Effect, Layer } from "effect"
import {
  type KafkaCluster,
  type OpenSearchCluster,
  type ServerNode,
  startKafka,
  startOpenSearch
} from "@callstream/testkit/servers"

export class Servers extends Context.Service<
  Servers,
  {
    readonly brokers: KafkaCluster["brokers"]
    readonly broker: ServerNode
    /** Address of the node. */
    readonly node: OpenSearchCluster["url"]
    readonly search: ServerNode
  }
>()("@callstream/e2e/Servers") {
  static readonly layer = Layer.effect(
    Servers,
    Effect.gen(function* () {
      const [kafka, openSearch] = yield* Effect.all([startKafka(), startOpenSearch()], { concurrency: 2 })
      const [broker] = kafka.nodes
      const [search] = openSearch.nodes
      if (broker === undefined || search === undefined) return yield* Effect.die("a cluster without a node")
      return Servers.of({ brokers: kafka.brokers, broker, node: openSearch.url, search })
    })
  )
}
