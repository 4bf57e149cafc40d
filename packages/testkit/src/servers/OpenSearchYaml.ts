/** The `opensearch.yml` of a node. */
import type { Schema } from "effect"

type Settings = Readonly<Record<string, Schema.Json>>

export interface NodeSettings {
  /** Of all nodes, and which of them it is. */
  readonly names: ReadonlyArray<string>
  readonly index: number
  readonly http: ReadonlyArray<number>
  readonly transport: ReadonlyArray<number>
  readonly data: string
  readonly logs: string
  /** The address it listens at, for clients. */
  readonly bind: string
  readonly security: boolean
  readonly settings: Settings
}

const layer = (name: "http" | "transport"): Settings => ({
  [`plugins.security.ssl.${name}.pemcert_filepath`]: "server-certificate.pem",
  [`plugins.security.ssl.${name}.pemkey_filepath`]: "server-key.pem",
  [`plugins.security.ssl.${name}.pemtrustedcas_filepath`]: "ca.pem"
})

/** Certificates lie beside the file. */
const security: Settings = {
  ...layer("http"),
  ...layer("transport"),
  "plugins.security.ssl.http.enabled": true,
  "plugins.security.ssl.transport.enforce_hostname_verification": false,
  "plugins.security.allow_default_init_securityindex": true,
  "plugins.security.nodes_dn": ["CN=localhost"],
  "plugins.security.authcz.admin_dn": ["CN=client"],
  "plugins.security.restapi.roles_enabled": ["all_access"]
}

/** All settings, as YAML: each value is JSON, which YAML contains. */
export const openSearchYaml = (node: NodeSettings): string => {
  const { names } = node
  const all: Settings = {
    "cluster.name": "callstream-tests",
    "node.name": names[node.index] ?? "",
    "path.data": node.data,
    "path.logs": node.logs,
    "http.host": node.bind,
    "http.port": node.http[node.index] ?? 0,
    // Nodes that talk to other machines are held to checks of the operating system.
    "transport.host": "127.0.0.1",
    "transport.port": node.transport[node.index] ?? 0,
    // A disk that is nearly full would block indices otherwise.
    "cluster.routing.allocation.disk.threshold_enabled": false,
    ...(names.length === 1
      ? { "discovery.type": "single-node" }
      : {
          "discovery.seed_hosts": node.transport.map((port) => `127.0.0.1:${port}`),
          "cluster.initial_cluster_manager_nodes": names
        }),
    ...(node.security ? security : {}),
    ...node.settings
  }
  return Object.entries(all)
    .map(([key, value]) => `${key}: ${JSON.stringify(value)}\n`)
    .join("")
}
