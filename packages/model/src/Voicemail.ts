/**
 * A message somebody left, of the contact centre or of Work. It comes weeks after its call.
 *
 * Origin: storage; so the descriptions name its fields only. Its words are a transcript of their own.
 */
import { Schema } from "effect"
import * as EventType from "./EventType.ts"
import * as Field from "./Field.ts"
import { joinFields, partyFields } from "./Parties.ts"
import { storedFields } from "./StoredObject.ts"

export const Voicemail = Schema.Struct({
  callId: Field.text("The message's own interaction GUID, or Work call id: tag `callId`."),
  originalCallId: Field.text("The call that left it, an interaction GUID: tag `originalCallId`."),
  ...partyFields,
  address: Field.text("Who left it, a number or a name: tag `address`."),
  ...joinFields,
  pbxId: Field.text("The PBX's opaque id: tag `pbxId`."),
  agentName: Field.text("Name of the agent: tag `agentName`."),
  agentEmail: Field.text("Address of the agent: tag `agentEmail`."),
  userName: Field.text("Name of the Work user: tag `userName`."),
  userEmail: Field.text("Address of the Work user: tag `userEmail`."),
  extensionId: Field.text("Id of the user's extension: tag `extensionId`."),
  extensionNumber: Field.text("Number of the extension: tag `extensionNumber`."),
  branchId: Field.text("Id of the branch: tag `branchId`."),
  billingNumber: Field.text("Number the call is billed to: tag `billingTelephoneNumber`."),
  channelName: Field.text("Name or number of the channel: tag `channelName`."),
  startedAt: Field.instant("When the message was stored, not when it was spoken: tag `startTime`."),
  endedAt: Field.instant("When it ended: tag `endTime`."),
  durationMs: Field.millis("How long it lasts: tag `duration`."),
  holdMs: Field.millis("Time on hold: tag `holdDuration`."),
  filename: Field.text("File in the contact centre: tag `mediaUrl`."),
  snippetId: Field.text("Part of the call: tag `callSnippetId`."),
  callLogId: Field.text("Id in the user's call log: tag `callLogId`."),
  ...storedFields,
  ...Field.asRead
}).annotate({ title: "Voicemail", description: "A message somebody left." })
export type Voicemail = typeof Voicemail.Type

export const voicemailType = EventType.make("callstream.voicemail.v1", Voicemail, { flat: ["tags", "raw"] })
