/** The configuration folder of a node: `opensearch.yml`, its logging, and what the security plugin reads. */
import { copyFile, cp, mkdir, symlink, writeFile } from "node:fs/promises"
import { basename, join } from "node:path"
import { fileURLToPath } from "node:url"
import type { Schema } from "effect"
import type { Certificates } from "./Certificates.ts"
import { hasPlugin, type OpenSearchInstall } from "./OpenSearchInstall.ts"

const logging = fileURLToPath(new URL("../../java/log4j2.properties", import.meta.url))

type Settings = Readonly<Record<string, Schema.Json>>

export interface NodeSettings {
  readonly names: ReadonlyArray<string>
  /** Which of the names it has. */
  readonly index: number
  readonly http: ReadonlyArray<number>
  readonly transport: ReadonlyArray<number>
  /** Of this node: its data, its logs. */
  readonly data: string
  readonly logs: string
  readonly bind: string
  readonly security: boolean
  readonly settings: Settings
}

const layer = (name: "http" | "transport"): Settings => ({
  [`plugins.security.ssl.${name}.pemcert_filepath`]: "server-certificate.pem",
  [`plugins.security.ssl.${name}.pemkey_filepath`]: "server-key.pem",
  [`plugins.security.ssl.${name}.pemtrustedcas_filepath`]: "ca.pem"
})

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
    "network.host": node.bind,
    "http.port": node.http[node.index] ?? 0,
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

/** A home for nodes: the modules, and the security plugin when it is wanted. */
export const writeHome = async (home: string, install: OpenSearchInstall, secure: boolean) => {
  await mkdir(join(home, "plugins"), { recursive: true })
  await symlink(join(install.folder, "modules"), join(home, "modules"), "junction")
  if (!secure) return
  const name = "opensearch-security"
  if (!hasPlugin(install, name)) {
    throw new Error(`the security plugin is not published for OpenSearch ${install.version}: ask for line 2`)
  }
  await symlink(join(install.folder, "plugins", name), join(home, "plugins", name), "junction")
}

/** The configuration folder of one node. */
export const writeConfiguration = async (
  folder: string,
  install: OpenSearchInstall,
  node: NodeSettings,
  certificates: Certificates | undefined
) => {
  await mkdir(folder, { recursive: true })
  await writeFile(join(folder, "opensearch.yml"), openSearchYaml(node))
  await copyFile(logging, join(folder, "log4j2.properties"))
  if (certificates === undefined) return
  const { ca, server } = certificates
  for (const file of [ca, server.certificate, server.key]) await copyFile(file, join(folder, basename(file)))
  const defaults = join(install.folder, "plugins/opensearch-security/config")
  await cp(defaults, join(folder, "opensearch-security"), { recursive: true })
}
