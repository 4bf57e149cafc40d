/** OpenSearch in a container of the project's own image, whose security plugin is off unless it is wanted. */
import { openContainer } from "./Docker.ts"
import type { OpenOpenSearchSite } from "./OpenSearchSite.ts"

const versions = { 2: "2.19.6", 3: "3.8.0" } as const

const home = "/usr/share/opensearch"

/** Rejects with a sentence when that is not possible. */
export const openSearchInDocker: OpenOpenSearchSite = async ({ data, line, ports, security }) => {
  if (data !== undefined) throw new Error("a folder of this machine for the data is of use to Java only")
  const chosen = line ?? (security ? 2 : 3)
  const version = versions[chosen]
  const place = await openContainer(`opensearchproject/opensearch:${version}`, ports)
  return {
    place,
    line: chosen,
    version,
    settings: security ? {} : { "plugins.security.disabled": true },
    prepare: async (_name, configuration) => {
      await place.run(`mkdir -p "$1" && cp -r ${home}/config/. "$1"`, configuration)
    },
    start: (name, configuration, heap) =>
      place.start(name, "env", [
        `OPENSEARCH_PATH_CONF=${configuration}`,
        `OPENSEARCH_JAVA_OPTS=-Xms${heap} -Xmx${heap}`,
        `${home}/bin/opensearch`
      ])
  }
}
