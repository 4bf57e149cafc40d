/**
 * A stored object of any type, also of types we do not know: its state and tags, at every change. What is inside it, a
 * transcript or a summary, is an event of its own, see `Content.ts`; recordings and voicemails have their own records.
 */
import { Schema } from "effect"
import * as EventType from "./EventType.ts"
import * as Field from "./Field.ts"

/** The facts of a stored object, on every record that is one. All from storage, where `recordings` is not named. */
export const storedFields = {
  objectId: Field.text("Id of the stored object, unique in its region: `id`."),
  objectType: Field.text("Type of the stored object, as the vendor writes it, e.g. `callrecording`: `type`."),
  state: Field.oneOf(
    ["pending", "available", "archived", "revoked", "deleted", "failed"],
    "Whether its content can be fetched: only `available` can; `archived` can be restored; `revoked` is deleted, " +
      "`deleted` is purged: `objectState`."
  ),
  objectName: Field.text("Its file name in the store: `objectName`."),
  mimeType: Field.text("Media type of its content, e.g. `audio/mpeg`: `mimeType`."),
  sizeBytes: Field.count("Size of its content in bytes: `storedBytes`."),
  checksum: Field.text("Checksum of its content; one that ends in `-1` is not the MD5 of the bytes: `checksum`."),
  checksumType: Field.text("Kind of the checksum, e.g. `MD5`: `checksumType`."),
  createdAt: Field.instant("When it was stored; of a Work recording, when the call began: `createdTime`."),
  updatedAt: Field.instant("When the object or its state last changed: `updatedTime`."),
  bucketId: Field.text("The bucket that groups it with related objects: `bucketId`."),
  customerId: Field.text("The customer's account: `customerId`."),
  userId: Field.text("The user it belongs to, a leading `ag` taken off: `userId`."),
  shared: Field.flag("Whether it is shared: `shared`."),
  tags: Field.named("Its tags as the vendor writes them, empty ones left out: `tags`.")
}

export const StoredObject = Schema.Struct({
  ...storedFields,
  objectId: Field.requiredText("Id of the stored object, unique in its region: `id`."),
  objectType: Field.requiredText("Its type, as the vendor writes it, e.g. `waveform`: `type`. The set is open."),
  callId: Field.text("The call it belongs to: interaction GUID or Work call id: tag `callId`."),
  tenantId: Field.text("Contact-centre tenant: tag `tenantId`."),
  pbx: Field.text("Name of the PBX: tag `ipbxid` or `pbxname`."),
  agentIds: Field.texts("Agents who took part, a leading `ag` taken off: tag `agentId`."),
  sourceObjectId: Field.text("The object it was made from: tag `sourceId` or `sourceObjectId`."),
  sourceObjectType: Field.text("Type of the object it was made from: tag `sourceObjectType`."),
  ...Field.asRead
}).annotate({ title: "Stored object", description: "A stored object of any type: its state and tags." })
export type StoredObject = typeof StoredObject.Type

export const storedObjectType = EventType.make("callstream.object.v1", StoredObject, { flat: ["tags", "raw"] })
