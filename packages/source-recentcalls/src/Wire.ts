/**
 * What the Recent Calls API sends, with its own names and units. A row is only checked for what identifies it; each
 * field is read on its own (`CallsNormalize.ts`), so that a spelling we do not know costs one field and not the row.
 *
 * Sources: "Recent Calls" (guide) and the withdrawn OpenAPI file (both read 2026-11-20). The guide's rows show that
 * numbers come as texts, some with a fraction (`"310887.0"`), and that blank texts mean none.
 */
import { Schema } from "effect"

/** A field of any shape, read tolerantly. */
const field = (description: string) => Schema.optionalKey(Schema.Unknown.annotate({ description }))

/** One call. */
export const RecentCall = Schema.Struct({
  callId: Schema.NonEmptyString.annotate({
    description: "Interaction GUID, `int-17e541ad2d9-…-phone-00-acmecorp01`; the hex digits are epoch ms of its start."
  }),
  tenantId: field("Tenant; a text."),
  transactionId: field("One id per transfer, parted by blanks: `6264 6270 6273`."),
  agentId: field("Agents, parted by commas, at times with a comma at the end; at times without the leading `ag`."),
  agentGroup: field("Groups of the agents, in the same form."),
  queueId: field("Queues, in the same form."),
  callDate: field("When it began: `MM/DD/YYYY HH:mm:ss` in the zone that the page names, without offset."),
  callDateOnly: field("The day of `callDate`."),
  callTime: field("The time of `callDate`."),
  callDuration: field("Milliseconds: `335566`."),
  agentCallHandlingDuration: field("Milliseconds with a fraction: `310887.0`."),
  timeInIVR: field("Milliseconds with a fraction."),
  waitTime: field("Milliseconds with a fraction."),
  abandonTime: field("Milliseconds with a fraction until the caller gave up; 0 where he did not."),
  holdDuration: field("Milliseconds with a fraction, all holds."),
  maximumHoldDuration: field("Milliseconds with a fraction, the longest hold."),
  muteDuration: field("Milliseconds; a number."),
  transferCount: field("A count with a fraction: `0.0`."),
  callType: field("`Inbound`, `Outbound`."),
  callSubType: field("`Queued`, `No Queue`, `Verification`."),
  hungupBy: field("`Agent`, `Customer`, `System`."),
  scheduleHours: field("`Open`, `Closed`."),
  callerName: field("As the carrier presents it: a name or a number."),
  callerNumber: field("Digits without `+`."),
  callerPhoneNumber: field("Digits without `+`."),
  dialedNumber: field("Digits without `+`."),
  destinationNumber: field("Such as the number of a web callback; often blank."),
  postCallSurvey: field("JSON in a text: `[]`."),
  voiceComment: field("JSON in a text: `{}`."),
  voiceCommentFileNames: field("File names, parted by commas; often blank."),
  totalScore: field("A number in a text; often blank.")
})
export type RecentCall = typeof RecentCall.Type

/** A page of calls. */
export const RecentCallsPage = Schema.Struct({
  /** Rows of all pages; it may change between two pages. */
  hits: Schema.Union([
    Schema.Int.check(Schema.isGreaterThanOrEqualTo(0)),
    Schema.String.check(Schema.isPattern(/^\d{1,15}(\.0+)?$/))
  ]),
  data: Schema.Array(Schema.Unknown),
  /** The zone its times are in. */
  timezone: Schema.optionalKey(Schema.NullOr(Schema.String))
})
export type RecentCallsPage = typeof RecentCallsPage.Type
