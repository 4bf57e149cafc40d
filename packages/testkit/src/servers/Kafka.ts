/** Kafka clusters that a test has for itself, and may break. */
import { randomBytes } from "node:crypto"
import { setTimeout as sleep } from "node:timers/promises"
import type { Effect, Scope } from "effect"
import { makeCertificates, writeForClients } from "./Certificates.ts"
import { dockerWay } from "./Docker.ts"
import { acquire, addressWay, type Way } from "./Finding.ts"
import { kafkaInDocker } from "./KafkaDocker.ts"
import { kafkaOnJava } from "./KafkaInstall.ts"
import { liveBrokers } from "./KafkaProbe.ts"
import { kafkaProperties, type KafkaPorts } from "./KafkaProperties.ts"
import type { KafkaSite, OpenKafkaSite } from "./KafkaSite.ts"
import { type NodeControl, nodeControl, thoseUp } from "./NodeControl.ts"
import type { Open } from "./Place.ts"
import { onFreePorts } from "./Ports.ts"
import type { ServerMissing } from "./ServerMissing.ts"
import type { ServerNode } from "./ServerNode.ts"

export interface KafkaOptions {
  /** Three replicate everything thrice, with `min.insync.replicas` 2. 1 unless given. */
  readonly nodes?: 1 | 3
  /** Adds a SASL_PLAINTEXT listener: PLAIN, SCRAM-SHA-256, SCRAM-SHA-512, OAUTHBEARER (unsecured tokens). */
  readonly sasl?: boolean
  /** Adds a TLS listener for `localhost` and 127.0.0.1, which may ask for a client certificate. */
  readonly tls?: boolean | { readonly clientCertificates: true }
  /** Passwords by name, for the SASL listener; `alice` with `alice-secret` unless given. */
  readonly users?: Readonly<Record<string, string>>
  /** More lines of `server.properties`. */
  readonly settings?: Readonly<Record<string, string | number | boolean>>
  /** Of the first node's plaintext listener; a free one unless given. */
  readonly port?: number
}

export interface KafkaCluster {
  /** Plaintext, `host:port`. */
  readonly brokers: ReadonlyArray<string>
  readonly clusterId: string
  readonly nodes: ReadonlyArray<ServerNode & { readonly id: number; readonly broker: string }>
  readonly sasl?: { readonly brokers: ReadonlyArray<string>; readonly users: Readonly<Record<string, string>> }
  readonly tls?: {
    readonly brokers: ReadonlyArray<string>
    /** Path of a PEM file. */
    readonly ca: string
    /** Paths of PEM files: a client that the broker trusts, when it asks for certificates. */
    readonly certificate?: string
    readonly key?: string
  }
}

const patienceMs = 120_000

const sharePorts = (free: ReadonlyArray<number>, first: number | undefined): ReadonlyArray<KafkaPorts> =>
  Array.from({ length: free.length / 4 }, (_, index) => {
    const [plaintext = 0, controller = 0, sasl = 0, tls = 0] = free.slice(index * 4)
    return { plaintext: first === undefined ? plaintext : first + index, controller, sasl, tls }
  })

const bootKafka = async (
  options: KafkaOptions,
  ports: ReadonlyArray<KafkaPorts>,
  { format, place, start }: KafkaSite
): Promise<KafkaCluster> => {
  const { sasl = false, tls = false, users = { alice: "alice-secret" } } = options
  const clusterId = randomBytes(16).toString("base64url")
  const certificates = tls === false ? undefined : makeCertificates()
  const controls: Array<NodeControl & { readonly broker: string; readonly id: number }> = []

  const ready = async () => {
    const deadline = performance.now() + patienceMs
    const up = await thoseUp(controls)
    for (const { broker, id, isGone } of up) {
      while ((await liveBrokers(broker)) < up.length) {
        const gone = await isGone()
        if (gone || performance.now() > deadline) {
          const what = gone ? "ended while starting" : `did not answer within ${patienceMs / 1000} s`
          throw new Error(`Kafka's node ${id} ${what}; its last words:\n${await place.log(`node-${id}`)}`)
        }
        await sleep(20)
      }
    }
  }

  const keys = certificates && {
    keyAndCertificate: `${place.folder}/server.pem`,
    ca: `${place.folder}/authority.pem`,
    clientCertificates: typeof tls === "object"
  }
  if (certificates && keys) {
    await place.put(keys.keyAndCertificate, `${certificates.server.key}${certificates.server.certificate}`)
    await place.put(keys.ca, certificates.ca)
  }
  for (const [index, { plaintext }] of ports.entries()) {
    const id = index + 1
    const data = `${place.folder}/data-${id}`
    const file = `${place.folder}/server-${id}.properties`
    const { bind } = place
    const broker = { id, ports, data, bind, users: sasl ? users : undefined, tls: keys, settings: options.settings }
    await place.put(file, kafkaProperties(broker))
    await format(data, id, clusterId, sasl ? users : {})
    const control = nodeControl(() => start(`node-${id}`, file), ready)
    controls.push({ ...control, broker: `127.0.0.1:${plaintext}`, id })
  }
  for (const { launch } of controls) await launch()
  await ready()

  return {
    brokers: controls.map(({ broker }) => broker),
    clusterId,
    nodes: controls.map(({ broker, id, node }) => Object.assign(node, { id, broker })),
    ...(sasl && { sasl: { brokers: ports.map((port) => `127.0.0.1:${port.sasl}`), users } }),
    ...(certificates && {
      tls: {
        brokers: ports.map((port) => `127.0.0.1:${port.tls}`),
        ...(await writeForClients(place.files, certificates))
      }
    })
  }
}

/** A cluster at a site. Rejects with a sentence when that is not possible. */
export const openKafka = (options: KafkaOptions, openSite: OpenKafkaSite): Promise<Open<KafkaCluster>> =>
  onFreePorts((options.nodes ?? 1) * 4, async (free) => {
    const ports = sharePorts(free, options.port)
    const site = await openSite(ports.flatMap(({ plaintext, sasl, tls }) => [plaintext, sasl, tls]))
    try {
      return { value: await bootKafka(options, ports, site), close: site.place.close }
    } catch (error) {
      await site.place.close()
      throw error
    }
  })

/** Docker, else Java. */
const ways = (options: KafkaOptions): ReadonlyArray<Way<Open<KafkaCluster>>> => [
  dockerWay(() => openKafka(options, kafkaInDocker)),
  { name: "Java", open: () => openKafka(options, kafkaOnJava) }
]

/** A cluster of the test's own, which it may break; gone with the scope. */
export const startKafka = (options: KafkaOptions = {}): Effect.Effect<KafkaCluster, ServerMissing, Scope.Scope> =>
  acquire("Kafka", ways(options))

/** The Kafka at KAFKA_BROKERS, else one of our own. */
export const sharedKafkaWays = (
  environment: NodeJS.ProcessEnv
): ReadonlyArray<Way<Open<Pick<KafkaCluster, "brokers">>>> => [
  addressWay("KAFKA_BROKERS", environment, async (brokers) => {
    for (const broker of brokers) {
      if ((await liveBrokers(broker)) === 0) throw new Error(`no Kafka answers at ${broker}`)
    }
    return { value: { brokers }, close: async () => {} }
  }),
  ...ways({})
]
