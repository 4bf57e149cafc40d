// Storage objects for tests: the vendor's samples as records, and as many plain ones as a test needs.
import { readFileSync } from "node:fs"
import type { StoredObject, Tag } from "@callstream/sandbox"
import { noon } from "./Client.ts"

/** An object as the vendor's page shows it. */
export interface Documented extends Omit<StoredObject, "region" | "createdAt" | "updatedAt" | "body"> {
  readonly createdTime: string
  readonly updatedTime: string
  readonly tags: ReadonlyArray<Tag>
}

/** The vendor's samples, see fixtures/README.md. */
export const documented: ReadonlyArray<Documented> = JSON.parse(
  readFileSync(new URL("fixtures/storage-objects.json", import.meta.url), "utf8")
)

/** A sample as a record of region us-east; its naive times are UTC. */
export const recordOf = ({ createdTime, updatedTime, ...object }: Documented): StoredObject => ({
  ...object,
  region: "us-east",
  createdAt: Date.parse(`${createdTime}Z`),
  updatedAt: Date.parse(`${updatedTime}Z`),
  body: undefined
})

/** A plain object; its number makes its id. */
export const object = (number: number, change: Partial<StoredObject> = {}): StoredObject => ({
  region: "us-east",
  id: `00000000-0000-4000-8000-${String(number).padStart(12, "0")}`,
  type: "summary",
  mimeType: "application/json",
  objectName: `object-${number}.json`,
  checksumType: "MD5",
  checksum: "d41d8cd98f00b204e9800998ecf8427e",
  customerId: "0012J00002KTSANDBX",
  userId: "user",
  storedBytes: number,
  createdAt: noon - number * 1000,
  updatedAt: noon - number * 1000,
  objectState: "AVAILABLE",
  bucketId: "bucket",
  tags: [],
  shared: false,
  body: () => Buffer.from(`{"n":${number}}`),
  ...change
})
