// How Cloud Storage writes an object. Source: "Cloud Storage Service Objects", read 2026-11-20.
import type { Knobs } from "./Knobs.ts"
import type { StoredObject } from "./Records.ts"
import { naiveUtc } from "./Time.ts"

/** An object as the wire has it: times naive UTC in whole seconds, `storedBytes` a number (the OpenAPI file says text). */
export const objectRow = (object: StoredObject, knobs: Knobs) => ({
  id: object.id,
  type: object.type,
  mimeType: object.mimeType,
  objectName: object.objectName,
  checksumType: object.checksumType,
  checksum: object.checksum,
  customerId: object.customerId,
  userId: object.userId,
  storedBytes: knobs.storedBytes === "number" ? object.storedBytes : String(object.storedBytes),
  createdTime: naiveUtc(object.createdAt),
  updatedTime: naiveUtc(object.updatedAt),
  objectState: object.objectState,
  bucketId: object.bucketId,
  ...(object.tags === undefined ? {} : { tags: object.tags }),
  shared: object.shared
})
