/**
 * What the content of a stored object says of itself: fields that transcripts, summaries, sentiments, surveys and notes
 * have in common. A content is an entity beside its object (`StoredObject.ts`), made only when it was fetched.
 */
import * as Field from "./Field.ts"

export const contentFields = {
  objectId: Field.text("The stored object this is the content of. storage: `id`."),
  objectName: Field.text("Its file name in the store. storage: `objectName`."),
  checksum: Field.text("Checksum of the content that was read. storage: `checksum`."),
  createdAt: Field.instant("When it was stored. storage: `createdTime`."),
  callId: Field.text("The call or chat it is about: interaction GUID or Work call id. storage: tag `callId`."),
  tenantId: Field.text("Contact-centre tenant. storage: tag `tenantId`."),
  pbx: Field.text("Name of the PBX. storage: tag `ipbxid` or `pbxname`."),
  transactionIds: Field.texts("The contact centre's counters of the call. storage: tag `transactionId`."),
  agentIds: Field.texts("Agents it is about, a leading `ag` taken off. storage: tag `agentId`."),
  language: Field.text("Language of the text, e.g. `en-US`. storage: tag `language`."),
  provider: Field.text("Who made it, e.g. `voci`. storage: tag `provider`."),
  result: Field.text("How making it went, e.g. `ok`. storage: tag `result`."),
  sourceObjectId: Field.text("The stored object it was made from. storage: tag `sourceId` or `sourceObjectId`."),
  sourceObjectType: Field.text("Type of the object it was made from. storage: tag `sourceObjectType`."),
  contentObjectType: Field.text(
    "What the words came from, e.g. `callcenterrecordingchannel`. storage: tag of that name."
  )
}
