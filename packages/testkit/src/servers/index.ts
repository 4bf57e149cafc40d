/** Real servers for tests: a Kafka and an OpenSearch for a whole test run, and ones of a test's own, to break. */
import type { SharedKafka, SharedOpenSearch } from "./Shared.ts"

export { type KafkaCluster, type KafkaOptions, startKafka } from "./Kafka.ts"
export { type OpenSearchCluster, type OpenSearchOptions, openSearchLines, startOpenSearch } from "./OpenSearch.ts"
export { ServerMissing } from "./ServerMissing.ts"
export type { ServerNode } from "./ServerNode.ts"
export type { SharedKafka, SharedOpenSearch } from "./Shared.ts"

declare module "vitest" {
  interface ProvidedContext {
    kafka: SharedKafka
    opensearch: SharedOpenSearch
  }
}
