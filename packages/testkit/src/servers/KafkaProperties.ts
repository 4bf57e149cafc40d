/** The `server.properties` of a broker that is also its own controller (KRaft): small, quick, and strict about loss. */

export interface KafkaPorts {
  readonly plaintext: number
  readonly controller: number
  readonly sasl: number
  readonly tls: number
}

export interface BrokerSettings {
  /** From 1. */
  readonly id: number
  /** Of all nodes, in the order of their ids. */
  readonly ports: ReadonlyArray<KafkaPorts>
  /** Where it keeps its log, and the address it listens at. */
  readonly data: string
  readonly bind: string
  readonly users?: Readonly<Record<string, string>> | undefined
  /** Paths of PEM files, as the broker sees them. */
  readonly tls?:
    | { readonly keyAndCertificate: string; readonly ca: string; readonly clientCertificates: boolean }
    | undefined
  readonly settings?: Readonly<Record<string, string | number | boolean>> | undefined
}

type Properties = Record<string, string | number | boolean>

const login = "org.apache.kafka.common.security"

const scram = `${login}.scram.ScramLoginModule required;`

const saslProperties = (users: Readonly<Record<string, string>>): Properties => ({
  "listener.name.sasl.sasl.enabled.mechanisms": "PLAIN,SCRAM-SHA-256,SCRAM-SHA-512,OAUTHBEARER",
  "listener.name.sasl.plain.sasl.jaas.config": `${login}.plain.PlainLoginModule required ${Object.entries(users)
    .map(([name, password]) => `user_${name}="${password}"`)
    .join(" ")};`,
  "listener.name.sasl.scram-sha-256.sasl.jaas.config": scram,
  "listener.name.sasl.scram-sha-512.sasl.jaas.config": scram,
  // The unsecured validator: a token with the algorithm "none" and the claims sub, iat and exp is enough.
  "listener.name.sasl.oauthbearer.sasl.jaas.config": `${login}.oauthbearer.OAuthBearerLoginModule required unsecuredLoginStringClaim_sub="broker";`
})

const tlsProperties = (tls: NonNullable<BrokerSettings["tls"]>): Properties => ({
  "listener.name.tls.ssl.keystore.type": "PEM",
  "listener.name.tls.ssl.keystore.location": tls.keyAndCertificate,
  "listener.name.tls.ssl.truststore.type": "PEM",
  "listener.name.tls.ssl.truststore.location": tls.ca,
  "listener.name.tls.ssl.client.auth": tls.clientCertificates ? "required" : "none"
})

const replication = (nodes: number): Properties => {
  const replicas = Math.min(3, nodes)
  const inSync = Math.min(2, nodes)
  return {
    // A missing topic must be an error, and an unclean leader would lose records.
    "auto.create.topics.enable": false,
    "unclean.leader.election.enable": false,
    "num.partitions": 1,
    "default.replication.factor": replicas,
    "min.insync.replicas": inSync,
    // The defaults need three brokers and make 50 partitions each.
    "offsets.topic.replication.factor": replicas,
    "offsets.topic.num.partitions": 1,
    "transaction.state.log.replication.factor": replicas,
    "transaction.state.log.min.isr": inSync,
    "transaction.state.log.num.partitions": 1,
    "share.coordinator.state.topic.replication.factor": replicas,
    "share.coordinator.state.topic.min.isr": inSync,
    "share.coordinator.state.topic.num.partitions": 1
  }
}

const smallAndQuick: Properties = {
  "group.initial.rebalance.delay.ms": 0,
  "group.min.session.timeout.ms": 500,
  // The default of 128 MiB does not fit a small heap.
  "log.cleaner.dedupe.buffer.size": 2 << 20,
  "log.index.size.max.bytes": 1 << 20,
  "num.network.threads": 2,
  "num.io.threads": 4,
  "num.recovery.threads.per.data.dir": 1,
  "background.threads": 2,
  // A restart after kill -9 waits for the session of the dead one to end.
  "broker.heartbeat.interval.ms": 250,
  "broker.session.timeout.ms": 1500,
  "controller.quorum.election.timeout.ms": 500,
  "controller.quorum.election.backoff.max.ms": 200,
  "controlled.shutdown.max.retries": 1,
  "metric.reporters": ""
}

/** All settings of one broker, in the format of a properties file. Plaintext is always there. */
export const kafkaProperties = ({ bind, data, id, ports, settings, tls, users }: BrokerSettings): string => {
  const own = ports[id - 1]
  if (own === undefined) throw new Error(`node ${id} of ${ports.length}`)
  const listeners: ReadonlyArray<readonly [string, number]> = [
    ["PLAINTEXT", own.plaintext],
    ...(users === undefined ? [] : [["SASL", own.sasl] as const]),
    ...(tls === undefined ? [] : [["TLS", own.tls] as const])
  ]
  const at = (host: string, [name, port]: readonly [string, number]) => `${name}://${host}:${port}`
  const properties: Properties = {
    "process.roles": "broker,controller",
    "node.id": id,
    "controller.quorum.voters": ports.map(({ controller }, index) => `${index + 1}@127.0.0.1:${controller}`).join(","),
    listeners: [
      ...listeners.map((listener) => at(bind, listener)),
      at("127.0.0.1", ["CONTROLLER", own.controller])
    ].join(","),
    "advertised.listeners": listeners.map((listener) => at("127.0.0.1", listener)).join(","),
    "listener.security.protocol.map": "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT,SASL:SASL_PLAINTEXT,TLS:SSL",
    "inter.broker.listener.name": "PLAINTEXT",
    "controller.listener.names": "CONTROLLER",
    "log.dirs": data,
    ...replication(ports.length),
    ...smallAndQuick,
    ...(users === undefined ? {} : saslProperties(users)),
    ...(tls === undefined ? {} : tlsProperties(tls)),
    ...settings
  }
  return Object.entries(properties)
    .map(([key, value]) => `${key}=${String(value).replaceAll("\\", "\\\\")}\n`)
    .join("")
}
