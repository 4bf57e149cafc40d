/** OpenSearch nodes that a test has for itself, and may break. */
import { mkdir } from "node:fs/promises"
import { join, resolve } from "node:path"
import { setTimeout as sleep } from "node:timers/promises"
import { Effect, type Schema, type Scope } from "effect"
import { writeCertificates } from "./Certificates.ts"
import { findJavas, type Java } from "./Java.ts"
import type { Started } from "./Kafka.ts"
import { type NodeControl, nodeControl } from "./NodeControl.ts"
import { writeConfiguration, writeHome } from "./OpenSearchFiles.ts"
import { installOpenSearch, type Line, linesOf, type OpenSearchInstall } from "./OpenSearchInstall.ts"
import { type Access, ask } from "./OpenSearchProbe.ts"
import { freePorts } from "./Ports.ts"
import { ServerMissing } from "./ServerMissing.ts"
import type { ServerNode } from "./ServerNode.ts"
import { openWorkplace, type Workplace } from "./Workplace.ts"

export interface OpenSearchOptions {
  /** Of releases; the newest that this machine runs unless given, 2 with `security`. */
  readonly line?: Line
  /** 1 unless given. */
  readonly nodes?: number
  /** Of each node, such as `512m`, which it has unless given. */
  readonly heap?: string
  /** More of `opensearch.yml`. */
  readonly settings?: Readonly<Record<string, Schema.Json>>
  /** Line 2 only: TLS, and the user `admin` with the password `admin`. */
  readonly security?: boolean
  /** A folder that outlives the cluster: a later one finds its indices there. */
  readonly data?: string
  /** Of the first node; a free one unless given. */
  readonly port?: number
}

export interface OpenSearchCluster {
  /** Of the first node. */
  readonly url: string
  readonly urls: ReadonlyArray<string>
  readonly version: string
  readonly line: Line
  readonly nodes: ReadonlyArray<ServerNode & { readonly url: string }>
  /** Path of a PEM file. */
  readonly ca?: string
  readonly username?: string
  readonly password?: string
}

const patienceMs = 180_000

/** G1, as in the distribution: the memory breaker counts garbage as used, and can ask only G1 to collect. */
const flags = (heap: string, java: Java, temporary: string): ReadonlyArray<string> => [
  `-Xms${heap}`,
  `-Xmx${heap}`,
  "-XX:+UseG1GC",
  "-XX:G1ReservePercent=25",
  "-XX:InitiatingHeapOccupancyPercent=30",
  // The first compiler alone halves the work of a start.
  "-XX:TieredStopAtLevel=1",
  "-XX:-UsePerfData",
  ...(java.vector && java.major >= 20 ? ["--add-modules=jdk.incubator.vector"] : []),
  ...(java.major >= 22 ? ["--enable-native-access=ALL-UNNAMED"] : []),
  ...(java.major >= 21 ? ["--add-opens=java.base/java.nio=ALL-UNNAMED"] : []),
  `-Djava.io.tmpdir=${temporary}`,
  "-Dlog4j2.disable.jmx=true",
  "-Dopensearch.networkaddress.cache.ttl=60"
]

const bootOpenSearch = async (
  options: OpenSearchOptions,
  install: OpenSearchInstall,
  workplace: Workplace
): Promise<{ readonly cluster: OpenSearchCluster; readonly controls: ReadonlyArray<NodeControl> }> => {
  const { data, heap = "512m", nodes: count = 1, security = false, settings = {} } = options
  const home = join(workplace.folder, "home")
  await writeHome(home, install, security)
  const certificates = security ? await writeCertificates(join(workplace.folder, "tls")) : undefined
  const access: Access = certificates ? { ca: certificates.ca, username: "admin", password: "admin" } : {}
  const free = await freePorts(count * 2)
  const http = free.slice(0, count).map((port, index) => (options.port === undefined ? port : options.port + index))
  const names = http.map((_, index) => `node-${index + 1}`)
  const urls = http.map((port) => (security ? `https://localhost:${port}` : `http://127.0.0.1:${port}`))
  const controls: Array<NodeControl & { readonly url: string; readonly name: string }> = []

  /** Every node that is up knows all of them; indices that are still not there after 20 s are the test's own affair. */
  const ready = async () => {
    const deadline = performance.now() + patienceMs
    const up = controls.filter((control) => control.isUp())
    const health = `/_cluster/health?wait_for_status=yellow&wait_for_nodes=>=${up.length}&timeout=20s`
    for (const { isGone, name, url } of up) {
      for (;;) {
        const { status, text } = await ask(`${url}${health}`, access)
        if (isGone())
          throw new Error(`OpenSearch's ${name} ended while starting; its last words:\n${workplace.log(name)}`)
        if (status === 200 || status === 408) break
        if (performance.now() > deadline) {
          const log = workplace.log(name)
          throw new Error(`OpenSearch's ${name} is not ready (${status} ${text}); its last words:\n${log}`)
        }
        await sleep(50)
      }
    }
  }

  for (const [index, name] of names.entries()) {
    const base = join(workplace.folder, name)
    const configuration = join(base, "config")
    const node = {
      names,
      index,
      http,
      transport: free.slice(count),
      data: resolve(data ?? join(workplace.folder, "data"), name),
      logs: join(base, "logs"),
      bind: "127.0.0.1",
      security,
      settings
    }
    const temporary = join(base, "tmp")
    for (const folder of [node.data, node.logs, temporary]) await mkdir(folder, { recursive: true })
    await writeConfiguration(configuration, install, node, certificates)
    const args = [...flags(heap, install.java, temporary), "-cp", install.classpath, "Launcher", home, configuration]
    const start = () => workplace.start(name, join(install.java.home, "bin/java"), args)
    controls.push({ ...nodeControl(start, ready), name, url: urls[index] ?? "" })
  }
  for (const { launch } of controls) launch()
  await ready()

  const cluster: OpenSearchCluster = {
    url: urls[0] ?? "",
    urls,
    version: install.version,
    line: install.line,
    nodes: controls.map(({ node, url }) => Object.assign(node, { url })),
    ...(certificates && { ca: certificates.ca, username: "admin", password: "admin" })
  }
  return { cluster, controls }
}

/** On this machine's Java. Rejects with a sentence when that is not possible. */
export const openOpenSearch = async (options: OpenSearchOptions): Promise<Started<OpenSearchCluster>> => {
  const newest = options.security === true ? 2 : (linesOf(findJavas()).at(-1) ?? 2)
  const install = await installOpenSearch(options.line ?? newest)
  const workplace = await openWorkplace("opensearch")
  try {
    const { cluster, controls } = await bootOpenSearch(options, install, workplace)
    const close = async () => {
      if (options.data !== undefined) await Promise.all(controls.map(({ shutdown }) => shutdown()))
      await workplace.close()
    }
    return { cluster, close }
  } catch (error) {
    await workplace.close()
    throw error
  }
}

const missing = (error: unknown) =>
  new ServerMissing({
    server: "OpenSearch",
    tried: [`Java: ${error instanceof Error ? error.message : String(error)}`],
    own: true
  })

/** A cluster of the test's own, which it may break; gone with the scope. */
export const startOpenSearch = (
  options: OpenSearchOptions = {}
): Effect.Effect<OpenSearchCluster, ServerMissing, Scope.Scope> =>
  Effect.acquireRelease(Effect.tryPromise({ try: () => openOpenSearch(options), catch: missing }), ({ close }) =>
    Effect.promise(close)
  ).pipe(Effect.map(({ cluster }) => cluster))

/** The lines that this machine can run, oldest first: with Java 17 to 20 only 2, with 21 or newer beside it both. */
export const openSearchLines: Effect.Effect<ReadonlyArray<Line>, ServerMissing> = Effect.suspend(() => {
  const lines = linesOf(findJavas())
  return lines.length === 0 ? Effect.fail(missing("no Java 11 or newer found")) : Effect.succeed(lines)
})
