/** Our events, made by hand of the vendor's rows: with the normalized record and the id that ours have. */
import { Conversation, type Event, eventTypes, fingerprint, Text } from "@callstream/model"
import { normalize } from "../../packages/source-recentcalls/src/CallsNormalize.ts"
import type { RecentCall } from "../../packages/source-recentcalls/src/Wire.ts"
import { conversationOf, normalizeMedium } from "../../packages/source-storage/src/Normalize.ts"
import { readTags } from "../../packages/source-storage/src/ObjectReader.ts"
import type { StorageObject } from "../../packages/source-storage/src/Wire.ts"

/** The event of a row of Recent Calls. */
export const callEvent = (row: RecentCall, asof: string): Event => {
  const source = Text.joined("8x8/recentcalls/", String(row.tenantId))
  const { type, dataschema, short } = eventTypes.call
  return {
    id: fingerprint(Text.joined(source, "#calls#", short), row.callId, "upsert", row as never),
    type,
    source,
    subject: row.callId,
    op: "upsert",
    conversation: Conversation.ofInteraction(row.callId),
    asof,
    dataschema,
    ...normalize(row, "GMT")
  }
}

/** The event of a stored call recording. */
export const objectEvent = (row: StorageObject, asof: string): Event => {
  const source = "8x8/storage/us-east"
  const { type, dataschema, short } = eventTypes.recording
  const tags = readTags(row.tags)
  return {
    id: fingerprint(Text.joined(source, "#objects#", short), row.id, "upsert", row as never),
    type,
    source,
    subject: row.id,
    op: "upsert",
    conversation: conversationOf(row.type, tags) ?? "",
    asof,
    dataschema,
    ...normalizeMedium(row, tags, "call", {})
  }
}
