/**
 * What the sink wants of a Kafka client. Everything rejects with the client's own error; `Trouble.ts` reads it. How each
 * client has to be used so that it neither loses nor doubles is told in its driver and in `docs/architecture.md`.
 */
import type { ConnectionOptions } from "node:tls"
import type { KafkaRecord } from "../Record.ts"
import type { Trouble } from "../Trouble.ts"

export type Compression = "none" | "gzip" | "snappy" | "lz4" | "zstd"

export type Login =
  | {
      readonly mechanism: "PLAIN" | "SCRAM-SHA-256" | "SCRAM-SHA-512"
      readonly username: string
      readonly password: string
    }
  | { readonly mechanism: "OAUTHBEARER"; readonly token: () => Promise<string> }

export interface DriverOptions {
  readonly brokers: ReadonlyArray<string>
  readonly clientId: string
  readonly login?: Login
  readonly tls?: ConnectionOptions
  readonly connectTimeoutMs: number
  readonly requestTimeoutMs: number
  readonly compression: Compression
}

/** A topic as the cluster has it. */
export interface TopicView {
  /** How many; 0 where a client does not tell because some have no leader. */
  readonly partitions: number
  readonly replication: number
  /** Partitions that have no leader at present. */
  readonly leaderless: number
  /** `max.message.bytes` and `cleanup.policy`, where this login may read them. */
  readonly maxMessageBytes?: number
  readonly cleanup?: string
}

export interface ClusterView {
  readonly clusterId: string
  /** What is not in here is not there. */
  readonly topics: ReadonlyMap<string, TopicView>
}

export interface NewTopic {
  readonly name: string
  /** Left out: the brokers' default. */
  readonly partitions?: number
  readonly replication?: number
  readonly configs: Readonly<Record<string, string>>
}

/** Idempotent, acknowledged by all replicas in sync. */
export interface Producer {
  /**
   * Sends one batch of one partition; resolves when it is durable. It tries for as long as it takes: `close` ends it. Only
   * one is under way at a time. After a rejection the producer is closed, and another one is made.
   */
  readonly send: (topic: string, partition: number, records: ReadonlyArray<KafkaRecord>) => Promise<void>
  /** Rejects what is under way. */
  readonly close: () => Promise<void>
}

export interface Driver {
  /** Looks at the cluster over a connection of its own. Bounded in time. */
  readonly describe: (topics: ReadonlyArray<string>) => Promise<ClusterView>
  /** Makes topics; one that is there already is no error. */
  readonly create: (topics: ReadonlyArray<NewTopic>) => Promise<void>
  /** Makes a producer. `onTrouble` hears of every attempt that failed. */
  readonly producer: (onTrouble: (trouble: Trouble) => void) => Producer
}
