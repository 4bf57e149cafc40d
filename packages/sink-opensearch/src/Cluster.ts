/** Which cluster answers: its name, version and the id that tells it from every other. */
import { Effect } from "effect"
import { Failure } from "@callstream/core"
import type { Client } from "./Client.ts"
import { field, unexpected } from "./Trouble.ts"

export interface Cluster {
  readonly name: string
  readonly uuid: string
  readonly version: string
}

const endpoint = "GET /"

/** Asks the cluster who it is. `Fatal` when it is not OpenSearch. */
export const clusterOf = (client: Client): Effect.Effect<Cluster, Failure.SinkFailure> =>
  Effect.flatMap(client.request("GET", "/", { endpoint }), (answered) => {
    const { body, status } = answered
    const version = field(body, "version")
    const [name, uuid, number] = [field(body, "cluster_name"), field(body, "cluster_uuid"), field(version, "number")]
    if (status !== 200 || typeof name !== "string" || typeof uuid !== "string" || typeof number !== "string") {
      return Effect.fail(unexpected(endpoint, answered))
    }
    // A node that is just starting has not found its cluster yet.
    if (uuid === "_na_") return Effect.fail(new Failure.Unavailable({ endpoint, reason: "the cluster is starting" }))
    const tagline = String(field(body, "tagline"))
    return field(version, "distribution") === "opensearch" || tagline.includes("OpenSearch")
      ? Effect.succeed({ name, uuid, version: number })
      : Effect.fail(
          new Failure.Fatal({
            reason: "What answers there is not OpenSearch",
            remedy: "Check node in the settings of this sink: it writes to OpenSearch 2.19 or newer"
          })
        )
  })
