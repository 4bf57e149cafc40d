/**
 * What Work Analytics sends, with its own names and units. A row is only checked for what identifies it; each field is
 * read on its own (`…Normalize.ts`), so that a spelling we do not know costs one field and not the row.
 *
 * Sources: "Call Detail Records" and "Call Legs" (guides), the OpenAPI files "Work Analytics Historical" and "Work
 * Analytics Customer Data" (all read 2026-11-20). Texts may be blank or null for none; `…TimeUTC` is 0 for never.
 */
import { Schema } from "effect"

/** A field of any shape, read tolerantly. */
const field = (description: string) => Schema.optionalKey(Schema.Unknown.annotate({ description }))

/** An id: digits in a text; a number is let pass. */
const Id = Schema.Union([Schema.NonEmptyString, Schema.Int])

/** What both kinds of rows have. */
const shared = {
  callId: Id.annotate({ description: "13 digits: a counter of the PBX, though it looks like a time." }),
  pbxId: field("Name of the PBX."),
  sipCallId: field("Call-ID of the SIP dialog, `a_b@ip`."),
  startTimeUTC: field("Epoch milliseconds."),
  startTime: field("The same, `2022-02-03T14:27:27.493+0000`, in the zone that was asked for; `0` is never."),
  connectTimeUTC: field("Epoch milliseconds; 0 is never."),
  connectTime: field("The same as a text."),
  disconnectedTimeUTC: field("Epoch milliseconds; 0 is never."),
  disconnectedTime: field("The same as a text."),
  talkTimeMS: field("Milliseconds."),
  talkTime: field("The same as `HH:MM:SS`."),
  callTime: field("Milliseconds."),
  calleeHoldDurationMS: field("Milliseconds."),
  calleeHoldDuration: field("The same as `HH:MM:SS`."),
  caller: field("Number in E.164 or bare digits, an extension, or a text."),
  callerName: field("Blank or `.` is none; at times the number."),
  callee: field("Like `caller`; also `CallQueue`, `Voicemail (120088)`."),
  calleeName: field("Like `callerName`."),
  callerId: field("`name,number`."),
  dnis: field("Number that was dialed."),
  direction: field("`Incoming`, `Outgoing`."),
  missed: field("`Missed` or `-`."),
  abandoned: field("`Abandoned` or `-`."),
  answered: field("`Answered` or `-`."),
  calleeDisconnectOnHold: field("Blank in all examples."),
  callerDisconnectOnHold: field("Blank in all examples."),
  lra: field("Last number it was redirected from."),
  departments: field("List of texts, or null."),
  branches: field("List of texts, or null.")
}

/** One call. */
export const CallRecord = Schema.Struct({
  ...shared,
  aaDestination: field("Where the auto attendant sent it, or null."),
  answeredTime: field("Milliseconds; 0 in all examples."),
  abandonedTime: field("Milliseconds; 0 where the caller did not give up."),
  ringDuration: field("Milliseconds, whatever its name."),
  waitTimeMS: field("Milliseconds."),
  waitTime: field("The same as `HH:MM:SS`."),
  lastLegDisposition: field("`Voicemail`, `Missed`, `Answered` …: an open set."),
  callLegCount: field("A number, in a text in the guide.")
})
export type CallRecord = typeof CallRecord.Type

/** One leg of a call. */
export const CallLeg = Schema.Struct({
  ...shared,
  legId: Id.annotate({ description: "Number of the leg in its call." }),
  parentCallId: field("Call id or null."),
  transferToCallId: field("Call id or null."),
  status: field("`Completed`, `In Progress`."),
  cause: field("`Normal`, `Redirected`, `Transfer`, `Conference`, `Ring No Answer` …"),
  callerDeviceId: field("Text or null."),
  calleeDeviceId: field("Text or null."),
  callerDeviceModel: field("Text, often blank."),
  calleeDeviceModel: field("Text, often blank."),
  callerSvcName: field("Text or null."),
  callerSvcType: field("Text or null."),
  calleeSvcName: field("Text or null: `ACDOperatorService`, `VMadvanced`."),
  calleeSvcType: field("Text or null: `Custom`."),
  lraType: field("What `lra` is: 0 none, 1 to 7 a kind."),
  recordServiceOn: field("Text, often blank."),
  bargeServiceOn: field("Text, often blank."),
  masterSlaveExts: field("Text, often blank."),
  propsLastPartyDisp: field("`Voicemail`, `Missed` …"),
  accountCode: field("Text, often blank."),
  aaPath: field("Text, often blank.")
})
export type CallLeg = typeof CallLeg.Type

/** A page of rows. */
export const RowsPage = Schema.Struct({
  meta: Schema.optionalKey(
    Schema.NullOr(
      Schema.Struct({
        /** Rows of all pages, 0 on the page that ends a walk. */
        totalRecordCount: Schema.optionalKey(Schema.Unknown),
        /** Where the next page begins; `No Data` on the page that ends a walk. */
        scrollId: Schema.optionalKey(Schema.NullOr(Schema.Union([Schema.String, Schema.Finite])))
      })
    )
  ),
  data: Schema.optionalKey(Schema.NullOr(Schema.Array(Schema.Unknown)))
})

/** A page of PBXes, in HAL. */
export const PbxPage = Schema.Struct({
  _embedded: Schema.optionalKey(
    Schema.NullOr(
      Schema.Struct({
        pbxList: Schema.optionalKey(
          Schema.NullOr(
            Schema.Array(
              Schema.Struct({ name: Schema.optionalKey(Schema.Unknown), deleted: Schema.optionalKey(Schema.Unknown) })
            )
          )
        )
      })
    )
  ),
  _links: Schema.optionalKey(
    Schema.NullOr(
      Schema.Struct({
        next: Schema.optionalKey(
          Schema.NullOr(Schema.Struct({ href: Schema.optionalKey(Schema.NullOr(Schema.String)) }))
        )
      })
    )
  )
})
