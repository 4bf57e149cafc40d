/** Kafka clusters that a test has for itself, and may break. */
import { randomBytes } from "node:crypto"
import { writeFile } from "node:fs/promises"
import { join } from "node:path"
import { setTimeout as sleep } from "node:timers/promises"
import { Effect, type Scope } from "effect"
import { writeCertificates } from "./Certificates.ts"
import { installKafka, type KafkaInstall } from "./KafkaInstall.ts"
import { liveBrokers } from "./KafkaProbe.ts"
import { kafkaProperties, type KafkaPorts } from "./KafkaProperties.ts"
import { type NodeControl, nodeControl } from "./NodeControl.ts"
import { freePorts } from "./Ports.ts"
import { ServerMissing } from "./ServerMissing.ts"
import type { ServerNode } from "./ServerNode.ts"
import { openWorkplace, type Workplace } from "./Workplace.ts"

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

export interface Started<A> {
  readonly cluster: A
  readonly close: () => Promise<void>
}

const patienceMs = 120_000

const choosePorts = async (nodes: number, first: number | undefined): Promise<ReadonlyArray<KafkaPorts>> => {
  const free = await freePorts(nodes * 4)
  return Array.from({ length: nodes }, (_, index) => {
    const [plaintext = 0, controller = 0, sasl = 0, tls = 0] = free.slice(index * 4)
    return { plaintext: first === undefined ? plaintext : first + index, controller, sasl, tls }
  })
}

const bootKafka = async (options: KafkaOptions, install: KafkaInstall, workplace: Workplace): Promise<KafkaCluster> => {
  const { nodes: count = 1, sasl = false, tls = false, users = { alice: "alice-secret" } } = options
  const ports = await choosePorts(count, options.port)
  const clusterId = randomBytes(16).toString("base64url")
  const certificates = tls === false ? undefined : await writeCertificates(join(workplace.folder, "tls"))
  const controls: Array<NodeControl & { readonly broker: string; readonly id: number }> = []

  const ready = async () => {
    const deadline = performance.now() + patienceMs
    const up = controls.filter((control) => control.isUp())
    for (const { broker, id, isGone } of up) {
      while ((await liveBrokers(broker)) < up.length) {
        if (isGone() || performance.now() > deadline) {
          const what = isGone() ? "ended while starting" : `did not answer within ${patienceMs / 1000} s`
          throw new Error(`Kafka's node ${id} ${what}; its last words:\n${workplace.log(`node-${id}`)}`)
        }
        await sleep(20)
      }
    }
  }

  for (const [index, { plaintext }] of ports.entries()) {
    const id = index + 1
    const data = join(workplace.folder, `data-${id}`)
    const properties = join(workplace.folder, `server-${id}.properties`)
    await install.format(data, id, clusterId, sasl ? users : {})
    await writeFile(
      properties,
      kafkaProperties({
        id,
        ports,
        data,
        bind: "127.0.0.1",
        users: sasl ? users : undefined,
        tls: certificates && {
          keyAndCertificate: certificates.server.both,
          ca: certificates.ca,
          clientCertificates: typeof tls === "object"
        },
        settings: options.settings
      })
    )
    const start = () => workplace.start(`node-${id}`, install.java, install.brokerArguments(properties))
    controls.push({ ...nodeControl(start, ready), broker: `127.0.0.1:${plaintext}`, id })
  }
  for (const { launch } of controls) launch()
  await ready()

  return {
    brokers: controls.map(({ broker }) => broker),
    clusterId,
    nodes: controls.map(({ broker, id, node }) => Object.assign(node, { id, broker })),
    ...(sasl ? { sasl: { brokers: ports.map((port) => `127.0.0.1:${port.sasl}`), users } } : {}),
    ...(certificates === undefined
      ? {}
      : {
          tls: {
            brokers: ports.map((port) => `127.0.0.1:${port.tls}`),
            ca: certificates.ca,
            certificate: certificates.client.certificate,
            key: certificates.client.key
          }
        })
  }
}

/** On this machine's Java. Rejects with a sentence when that is not possible. */
export const openKafka = async (options: KafkaOptions): Promise<Started<KafkaCluster>> => {
  const install = await installKafka()
  const workplace = await openWorkplace("kafka")
  try {
    return { cluster: await bootKafka(options, install, workplace), close: workplace.close }
  } catch (error) {
    await workplace.close()
    throw error
  }
}

/** A cluster of the test's own, which it may break; gone with the scope. */
export const startKafka = (options: KafkaOptions = {}): Effect.Effect<KafkaCluster, ServerMissing, Scope.Scope> =>
  Effect.acquireRelease(
    Effect.tryPromise({
      try: () => openKafka(options),
      catch: (error) =>
        new ServerMissing({
          server: "Kafka",
          tried: [`Java: ${error instanceof Error ? error.message : String(error)}`],
          own: true
        })
    }),
    ({ close }) => Effect.promise(close)
  ).pipe(Effect.map(({ cluster }) => cluster))
