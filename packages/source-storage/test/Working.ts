/** The source at work against a sandbox with only the objects that a test puts there, for the tests of traps. */
import { hash } from "node:crypto"
import { Effect } from "effect"
import type { Event } from "@callstream/model"
import type { Sandbox, SandboxOptions, StoredObject } from "@callstream/sandbox"
import { plugin } from "@callstream/source-storage"
import { makeRig, now as epoch, type Rig } from "@callstream/testkit"

export { epoch }

export const region = "us-east"
export const interaction = "int-1921de567b1-7zrCRtowKo5rmiXNVI0G4PLOE-phone-03-acmecorp01"

export const idOf = (n: number) => `00000000-0000-4000-8000-${String(n).padStart(12, "0")}`

/** The n-th object, a recording of an hour ago: a second later than the one before, unless told otherwise. */
export const objectOf = (n: number, more: Partial<StoredObject> = {}): StoredObject => {
  const updatedAt = more.updatedAt ?? epoch - 3_600_000 + n * 1000
  return {
    region,
    id: idOf(n),
    type: "callcenterrecording",
    mimeType: "audio/mpeg",
    objectName: `${n}.mp3`,
    checksumType: "MD5",
    checksum: "27b75edcb0305a6a6a87d60a1e01f1a4-1",
    customerId: "customer",
    userId: "user",
    storedBytes: 1,
    createdAt: updatedAt,
    updatedAt,
    objectState: "AVAILABLE",
    bucketId: "bucket",
    tags: [{ key: "callId", value: interaction }],
    shared: false,
    body: undefined,
    ...more
  }
}

/** An object with words in it. */
export const contentOf = (n: number, type: string, text: string, more: Partial<StoredObject> = {}): StoredObject => {
  const body = Buffer.from(text)
  return objectOf(n, {
    type,
    mimeType: type === "agentnotes" ? "text/plain" : "application/json",
    objectName: `${n}.json`,
    checksum: hash("md5", body),
    storedBytes: body.length,
    body: () => body,
    ...more
  })
}

export const settingsOf = ({ baseUrls, credentials }: Pick<Sandbox, "baseUrls" | "credentials">) => ({
  baseUrl: baseUrls.storage,
  ...credentials.storage,
  since: new Date(epoch - 7 * 86_400_000).toISOString(),
  lag: "0 s",
  poll: "1 h",
  lookback: [],
  rate: { perSecond: 1000, concurrency: 4 }
})

/** A pipeline from these objects to a sink that remembers. */
export const working = Effect.fnUntraced(function* (
  objects: ReadonlyArray<StoredObject>,
  { settings = {}, ...options }: SandboxOptions & { readonly settings?: Readonly<Record<string, unknown>> } = {}
) {
  const rig = yield* makeRig(plugin, (sandbox) => ({ ...settingsOf(sandbox), ...settings }), { calls: 0, ...options })
  for (const object of objects) rig.sandbox.company.putObject(object)
  return rig
})

/** Requests with this in their path. */
export const requestsOf = ({ sandbox }: Rig, part: string) =>
  sandbox.requests().filter(({ path }) => path.includes(part))

/** Their parameters. */
export const queriesOf = (rig: Rig) =>
  requestsOf(rig, "/objects?").map(({ path }) => new URLSearchParams(path.split("?")[1]))

/** What the sink holds of the n-th object, by the short names of its types. */
export const heldOf = (rig: Rig, n: number): Readonly<Record<string, Event>> =>
  Object.fromEntries(
    [...rig.sink.held.values()]
      .filter(({ subject }) => subject === idOf(n))
      .map((event) => [event.type.split(".")[1] ?? "", event])
  )

/** Fields of an event's data. */
export const dataOf = (event: Event | undefined): Readonly<Record<string, unknown>> =>
  typeof event?.data === "object" && event.data !== null ? { ...event.data } : {}

/** Subjects that arrived, sorted. */
export const subjectsOf = ({ sink }: Rig) =>
  [...new Set([...sink.held.values()].map(({ subject }) => subject))].toSorted()

export const ids = (count: number) => Array.from({ length: count }, (_, n) => idOf(n))
