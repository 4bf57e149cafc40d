// Puts objects into Cloud Storage: identifiers, sizes and checksums that agree with the content, creation, and the
// update that follows it by some seconds.
import { createHash } from "node:crypto"
import { random } from "./Random.ts"
import type { StoredObject, Tag } from "./Records.ts"
import { customerId } from "./Staff.ts"
import { keys, type World } from "./World.ts"

/** What is known of an object before it is stored. */
export interface ObjectPlan {
  /** Tells this object from all others of the world: its id is made from it. */
  readonly name: string
  readonly region: string
  readonly type: string
  readonly mimeType: string
  readonly objectName: string
  readonly userId: string
  readonly bucketId: string
  /** None for objects without any `tags`. */
  readonly tags: ReadonlyArray<Tag> | undefined
  readonly body: () => Buffer
  /** `createdTime`, already after all delays. */
  readonly createdAt: number
  /** `updatedTime`, if it moves after creation. */
  readonly updatedAt?: number
  /** When the object can first be seen; at its creation unless told otherwise. */
  readonly visibleAt?: number
  /** Adds `-1` to the checksum, as uploads in parts have it (an S3 ETag, not an MD5 of the bytes). */
  readonly multipart?: boolean
  readonly conversation?: string
}

/** Tags from an object literal, in its order. */
export const tagsOf = (values: Readonly<Record<string, string>>): ReadonlyArray<Tag> =>
  Object.entries(values).map(([key, value]) => ({ key, value }))

/** The id an object of this name has, or will have. */
const objectId = (world: World, name: string): string => random(world.seed, "object", name).uuid()

/** The bucket for the objects of a call: one for all, or one for each as the knob says. */
export const bucketId = (world: World, call: string, name: string): string =>
  random(world.seed, "bucket", world.knobs.oneBucketPerCall ? call : name).uuid()

/** Plans the object's appearance, and its update. */
export const store = (world: World, plan: ObjectPlan): string => {
  const id = objectId(world, plan.name)
  const bytes = plan.body()
  const md5 = createHash("md5").update(bytes).digest("hex")
  const made: StoredObject = {
    region: plan.region,
    id,
    type: plan.type,
    mimeType: plan.mimeType,
    objectName: plan.objectName,
    checksumType: "MD5",
    checksum: plan.multipart === true ? `${md5}-1` : md5,
    customerId,
    userId: plan.userId,
    storedBytes: bytes.length,
    createdAt: plan.createdAt,
    updatedAt: plan.createdAt,
    objectState: "AVAILABLE",
    bucketId: plan.bucketId,
    tags: plan.tags,
    shared: false,
    body: plan.body,
    ...(plan.conversation === undefined ? {} : { conversation: plan.conversation })
  }
  const seen = plan.visibleAt ?? plan.createdAt
  const updated = plan.updatedAt ?? plan.createdAt
  world.plan(seen, () => world.objects.put(updated <= seen ? { ...made, updatedAt: updated } : made))
  if (updated > seen) {
    world.plan(updated, () => {
      const now = world.objects.get(keys.object(plan.region, id))
      if (now !== undefined) world.objects.put({ ...now, updatedAt: updated })
    })
  }
  return id
}
