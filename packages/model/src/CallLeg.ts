/**
 * One leg of a Work call: a stretch between two parties. A call to a group has a leg for each phone that rang.
 *
 * Origin: workanalytics, call legs; so the descriptions name its fields only.
 */
import { Schema } from "effect"
import * as EventType from "./EventType.ts"
import * as Field from "./Field.ts"
import { partyFields } from "./Parties.ts"

/** What kind of thing a call was redirected from; the vendor's `lraType` from 1 to 7. */
const redirectors = [
  "extension",
  "external",
  "ring-group",
  "call-queue",
  "virtual-extension",
  "media-service",
  "park"
] as const

export const CallLeg = Schema.Struct({
  callId: Field.requiredText("The call, unique in its PBX only: `callId`."),
  legId: Field.requiredText("The leg, unique in its call: `legId`."),
  pbx: Field.text("Name of the PBX: `pbxId`."),
  parentCallId: Field.text("The call this one was made for: `parentCallId`."),
  transferredToCallId: Field.text("The call it was transferred to: `transferToCallId`."),
  sipCallId: Field.text("Call-ID of the SIP dialog: `sipCallId`."),
  ...partyFields,
  dialedNumber: Field.text("Number the caller dialed: `dnis`."),
  callerDisplay: Field.text("Caller as displayed, `name,number`: `callerId`."),
  callerDeviceId: Field.text("The caller's device: `callerDeviceId`."),
  callerDeviceModel: Field.text("Its model: `callerDeviceModel`."),
  callerServiceName: Field.text("The service that called: `callerSvcName`."),
  callerServiceType: Field.text("Its type: `callerSvcType`."),
  calleeDeviceId: Field.text("The callee's device: `calleeDeviceId`."),
  calleeDeviceModel: Field.text("Its model: `calleeDeviceModel`."),
  calleeServiceName: Field.text("The service that was reached, e.g. `VMadvanced`: `calleeSvcName`."),
  calleeServiceType: Field.text("Its type: `calleeSvcType`."),
  departments: Field.texts("Departments of those who took part: `departments`."),
  branches: Field.texts("Branches of those who took part: `branches`."),
  startedAt: Field.instant("When it began: `startTimeUTC`."),
  connectedAt: Field.instant("When it was connected; absent when never: `connectTimeUTC`."),
  endedAt: Field.instant("When it ended: `disconnectedTimeUTC`."),
  durationMs: Field.millis("From beginning to end: `callTime`."),
  talkMs: Field.millis("Time the parties could talk: `talkTimeMS`."),
  holdMs: Field.millis("Time on hold, all holds: `calleeHoldDurationMS`."),
  status: Field.text("In the vendor's word, e.g. `Completed`: `status`."),
  cause: Field.text("Why it ended, in the vendor's word, e.g. `Ring No Answer`: `cause`."),
  disposition: Field.text("How it ended for the last party, in the vendor's word: `propsLastPartyDisp`."),
  answered: Field.flag("Whether somebody answered: `answered` (the word, or `-` for no)."),
  missed: Field.flag("Whether nobody answered: `missed` (the word, or `-` for no)."),
  abandoned: Field.flag("Whether the caller gave up: `abandoned` (the word, or `-` for no)."),
  callerEndedOnHold: Field.flag("Whether the caller hung up while on hold: `callerDisconnectOnHold`."),
  calleeEndedOnHold: Field.flag("Whether the callee hung up while on hold: `calleeDisconnectOnHold`."),
  redirectedFrom: Field.text("Last number it was redirected from: `lra`."),
  redirectedFromType: Field.oneOf(redirectors, "What that number is: `lraType` 1 to 7; 0 is none."),
  recordService: Field.text("Recording, in the vendor's word: `recordServiceOn`."),
  bargeService: Field.text("Barging in, in the vendor's word: `bargeServiceOn`."),
  linkedExtensions: Field.text("Extensions that ring together, in the vendor's form: `masterSlaveExts`."),
  accountCode: Field.text("Account code that was dialed: `accountCode`."),
  autoAttendantPath: Field.text("The way through the auto attendant: `aaPath`."),
  ...Field.asRead
}).annotate({ title: "Call leg", description: "One leg of a Work call: a stretch between two parties." })
export type CallLeg = typeof CallLeg.Type

export const callLegType = EventType.make("callstream.call-leg.v1", CallLeg, { flat: ["raw"] })
