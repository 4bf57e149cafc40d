/** OpenSearch nodes that a test has for itself, and may break. */
import { resolve } from "node:path"
import { setTimeout as sleep } from "node:timers/promises"
import { Effect, type Schema, type Scope } from "effect"
import { makeCertificates, writeForClients } from "./Certificates.ts"
import { dockerUnusable, dockerWay } from "./Docker.ts"
import { acquire, addressWay, type Way } from "./Finding.ts"
import { findJavas } from "./Java.ts"
import { type NodeControl, nodeControl, thoseUp } from "./NodeControl.ts"
import { openSearchInDocker } from "./OpenSearchDocker.ts"
import { linesOf, openSearchOnJava } from "./OpenSearchInstall.ts"
import { type Access, ask } from "./OpenSearchProbe.ts"
import type { Line, OpenOpenSearchSite, OpenSearchSite } from "./OpenSearchSite.ts"
import { openSearchYaml } from "./OpenSearchYaml.ts"
import type { Open } from "./Place.ts"
import { onFreePorts } from "./Ports.ts"
import { ServerMissing } from "./ServerMissing.ts"
import type { ServerNode } from "./ServerNode.ts"

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

type Control = NodeControl & { readonly url: string; readonly name: string }

const bootOpenSearch = async (
  options: OpenSearchOptions,
  { http, transport }: { readonly http: ReadonlyArray<number>; readonly transport: ReadonlyArray<number> },
  { line, place, prepare, settings, start, version }: OpenSearchSite
): Promise<{ readonly cluster: OpenSearchCluster; readonly controls: ReadonlyArray<Control> }> => {
  const { data, heap = "512m", security = false } = options
  const certificates = security ? makeCertificates() : undefined
  const ca = certificates && (await writeForClients(place.files, certificates)).ca
  const login = security ? { username: "admin", password: "admin" } : {}
  const access: Access = { ca, ...login }
  const names = http.map((_, index) => `node-${index + 1}`)
  const urls = http.map((port) => (security ? `https://localhost:${port}` : `http://127.0.0.1:${port}`))
  const controls: Array<Control> = []

  /** Every node that is up knows all of them; indices that are still not there after 20 s are the test's own affair. */
  const ready = async () => {
    const deadline = performance.now() + patienceMs
    const up = await thoseUp(controls)
    const health = `/_cluster/health?wait_for_status=yellow&wait_for_nodes=>=${up.length}&timeout=20s`
    for (const { isGone, name, url } of up) {
      for (;;) {
        const { status, text } = await ask(`${url}${health}`, access)
        const gone = await isGone()
        if (!gone && (status === 200 || status === 408)) break
        if (gone || performance.now() > deadline) {
          const what = gone ? "ended while starting" : `is not ready (${status} ${text})`
          throw new Error(`OpenSearch's ${name} ${what}; its last words:\n${await place.log(name)}`)
        }
        await sleep(50)
      }
    }
  }

  for (const [index, name] of names.entries()) {
    const base = `${place.folder}/${name}`
    const configuration = `${base}/config`
    await prepare(name, configuration)
    const yaml = openSearchYaml({
      names,
      index,
      http,
      transport,
      data: data === undefined ? `${base}/data` : resolve(data, name),
      logs: `${base}/logs`,
      bind: place.bind,
      security,
      settings: { ...settings, ...options.settings }
    })
    await place.put(`${configuration}/opensearch.yml`, yaml)
    if (certificates) {
      await place.put(`${configuration}/ca.pem`, certificates.ca)
      await place.put(`${configuration}/server-certificate.pem`, certificates.server.certificate)
      await place.put(`${configuration}/server-key.pem`, certificates.server.key)
    }
    const control = nodeControl(() => start(name, configuration, heap), ready)
    controls.push({ ...control, name, url: urls[index] ?? "" })
  }
  for (const { launch } of controls) await launch()
  await ready()

  const cluster: OpenSearchCluster = {
    url: urls[0] ?? "",
    urls,
    version,
    line,
    nodes: controls.map(({ node, url }) => Object.assign(node, { url })),
    ...(ca !== undefined && { ca, ...login })
  }
  return { cluster, controls }
}

/** A cluster at a site. Rejects with a sentence when that is not possible. */
export const openOpenSearch = (
  options: OpenSearchOptions,
  openSite: OpenOpenSearchSite
): Promise<Open<OpenSearchCluster>> => {
  const { data, line, nodes = 1, port, security = false } = options
  return onFreePorts(nodes * 2, async (free) => {
    const http = free.slice(0, nodes).map((own, index) => (port === undefined ? own : port + index))
    const site = await openSite({ line, security, data, ports: http })
    const { close } = site.place
    try {
      const { cluster, controls } = await bootOpenSearch(options, { http, transport: free.slice(nodes) }, site)
      const closeCleanly = async () => {
        await Promise.all(controls.map(({ shutdown }) => shutdown()))
        await close()
      }
      return { value: cluster, close: data === undefined ? close : closeCleanly }
    } catch (error) {
      await close()
      throw error
    }
  })
}

/** Docker, else Java. */
const ways = (options: OpenSearchOptions): ReadonlyArray<Way<Open<OpenSearchCluster>>> => [
  dockerWay(() => openOpenSearch(options, openSearchInDocker)),
  { name: "Java", open: () => openOpenSearch(options, openSearchOnJava) }
]

/** A cluster of the test's own, which it may break; gone with the scope. */
export const startOpenSearch = (
  options: OpenSearchOptions = {}
): Effect.Effect<OpenSearchCluster, ServerMissing, Scope.Scope> => acquire("OpenSearch", ways(options))

/** One node given by its address. */
const given = async (url: string): Promise<SharedNode> => {
  const { status, text } = await ask(url)
  const number = status === 200 ? /"number"\s*:\s*"(\d+)\./.exec(text)?.[1] : undefined
  if (number !== "2" && number !== "3") throw new Error(`no OpenSearch 2 or 3 answers at ${url} (${status})`)
  return { line: number === "2" ? 2 : 3, url }
}

export interface SharedNode {
  readonly line: Line
  readonly url: string
}

/** The lines that this machine can run, oldest first; empty when none. */
const runnableLines = async (): Promise<ReadonlyArray<Line>> =>
  (await dockerUnusable()) === undefined ? [2, 3] : linesOf(findJavas())

/** Those at OPENSEARCH_URL, else one of our own per line; newest first. */
export const sharedOpenSearchWays = (
  environment: NodeJS.ProcessEnv
): ReadonlyArray<Way<Open<ReadonlyArray<SharedNode>>>> => {
  const each = async (lines: ReadonlyArray<Line>, site: OpenOpenSearchSite) => {
    const outcomes = await Promise.allSettled(lines.map((line) => openOpenSearch({ line }, site)))
    const open = outcomes.flatMap((outcome) => (outcome.status === "fulfilled" ? [outcome.value] : []))
    const close = async () => {
      await Promise.all(open.map(({ close }) => close()))
    }
    const failed = outcomes.find((outcome) => outcome.status === "rejected")
    if (failed !== undefined) {
      await close()
      throw failed.reason
    }
    return { value: open.map(({ value: { line, url } }) => ({ line, url })), close }
  }
  return [
    addressWay("OPENSEARCH_URL", environment, async (urls) => {
      const nodes = await Promise.all(urls.map(given))
      return { value: nodes.toSorted((one, other) => other.line - one.line), close: async () => {} }
    }),
    dockerWay(() => each([3, 2], openSearchInDocker)),
    {
      name: "Java",
      open: async () => {
        const lines = linesOf(findJavas()).toReversed()
        return each(lines.length === 0 ? [2] : lines, openSearchOnJava)
      }
    }
  ]
}

/** The lines that this machine can run, oldest first: with Java 17 to 20 only 2, with 21 or newer beside it both. */
export const openSearchLines: Effect.Effect<ReadonlyArray<Line>, ServerMissing> = Effect.promise(runnableLines).pipe(
  Effect.filterOrFail(
    (lines) => lines.length > 0,
    () => new ServerMissing({ server: "OpenSearch", tried: ["Java: none from 11 on was found"], own: true })
  )
)
