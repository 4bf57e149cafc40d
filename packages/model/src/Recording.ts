/**
 * The recording of a call, a meeting or a spoken survey comment: what is known of it, not its sound.
 *
 * Origins: storage (the object and its tags) and recordings (the contact centre's list of files). The two are records
 * of their own; the last part of `filename` is equal where both name one file.
 */
import { Schema } from "effect"
import * as EventType from "./EventType.ts"
import * as Field from "./Field.ts"
import { joinFields, partyFields } from "./Parties.ts"
import { storedFields } from "./StoredObject.ts"

/** What an agent said the call was about. */
export const WrapUpCode = Schema.Struct({
  list: Field.text("The list it was chosen from. recordings: `listName`."),
  code: Field.text("The code. recordings: `name`.")
})

export const Recording = Schema.Struct({
  kind: Field.oneOf(
    ["call", "meeting", "voice-comment"],
    "What was recorded. storage: from `type`; recordings: a call."
  ),
  callId: Field.text("The call: interaction GUID or Work call id. storage: tag `callId`."),
  ...partyFields,
  address: Field.text("The other party, a number or a name. storage: tag `address`; recordings: `phoneNumber`."),
  ...joinFields,
  pbxId: Field.text("The PBX's opaque id. storage: tag `pbxId`."),
  agentName: Field.text("Name of the agent. storage: tag `agentName`."),
  userName: Field.text("Name of the Work user. storage: tag `userName`."),
  userEmail: Field.text("Address of the Work user. storage: tag `userEmail`."),
  extensionId: Field.text("Id of the user's extension. storage: tag `extensionId`."),
  extensionNumber: Field.text("Number of the extension. storage: tag `extensionNumber`."),
  branchId: Field.text("Id of the branch. storage: tag `branchId`."),
  billingNumber: Field.text("Number the call is billed to. storage: tag `billingTelephoneNumber`."),
  channel: Field.text("Number or kind of the channel, e.g. `#virtual_outbound#`. recordings: `channel`."),
  channelName: Field.text("Name of the channel. storage: tag `channelName`."),
  startedAt: Field.instant("When it began. storage: tag `startTime`; recordings: `startDate`."),
  endedAt: Field.instant("When it ended. storage: tag `endTime`."),
  durationMs: Field.millis("How long it lasts. storage: tag `duration`; recordings: `duration`, in seconds there."),
  holdMs: Field.millis("Time on hold. storage: tag `holdDuration`."),
  filename: Field.text(
    "File in the contact centre, named after its start in UTC. storage: tag `mediaUrl`; recordings: `filename`."
  ),
  snippetId: Field.text("Part of the call. storage: tag `callSnippetId`."),
  callLogId: Field.text("Id in the user's call log: extension id and call id in one. storage: tag `callLogId`."),
  guid: Field.text("The recording's own GUID, equal to its bucket's. storage: tag `guid`."),
  surveyId: Field.text("The survey of a spoken comment: an interaction GUID. storage: tag `pcsId`."),
  questionNumber: Field.count("The question of a spoken comment, from 1. storage: tag `pcsQuestionNumber`."),
  wrapUpCodes: Schema.optionalKey(
    Schema.Array(WrapUpCode).annotate({ description: "What the agent said it was about. recordings: `wrapUpCode`." })
  ),
  caseId: Field.text("Case in the contact centre's CRM; `0` is none. recordings: `caseID`."),
  accountNumber: Field.text("Account in that CRM; `0` is none. recordings: `accountNumber`."),
  extVar1: Field.text("First variable of the call's script; `0` is none. recordings: `extVar1`."),
  extVar2: Field.text("Second variable of the call's script; `0` is none. recordings: `extVar2`."),
  outDialCode: Field.text("Code the agent chose to dial out. recordings: `outDialCode`."),
  ...storedFields,
  ...Field.asRead
}).annotate({ title: "Recording", description: "The recording of a call, a meeting or a spoken survey comment." })
export type Recording = typeof Recording.Type

export const recordingType = EventType.make("callstream.recording.v1", Recording, {
  flat: ["wrapUpCodes", "tags", "raw"]
})
