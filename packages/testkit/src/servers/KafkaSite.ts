/** What a cluster needs to know of where its brokers run. */
import type { Place, Running } from "./Place.ts"

export interface KafkaSite {
  readonly place: Place
  /** Makes the folder of a node's log, as `kafka-storage format` does, with users for SCRAM. */
  readonly format: (
    folder: string,
    id: number,
    clusterId: string,
    users: Readonly<Record<string, string>>
  ) => Promise<void>
  /** Starts a broker that reads this properties file. */
  readonly start: (name: string, properties: string) => Promise<Running>
}

/** Opens a site where these ports can be listened at. */
export type OpenKafkaSite = (ports: ReadonlyArray<number>) => Promise<KafkaSite>
