/**
 * One call as a whole, of the contact centre or of Work; its legs are in `CallLeg.ts`.
 *
 * Origins: recentcalls is the contact centre (withdrawn from the vendor's pages on 2025-11-03), workanalytics is Work.
 */
import { Schema } from "effect"
import * as EventType from "./EventType.ts"
import * as Field from "./Field.ts"
import { joinFields, partyFields } from "./Parties.ts"

export const Call = Schema.Struct({
  callId: Field.requiredText(
    "Interaction GUID (recentcalls: `callId`) or Work call id, unique in its PBX only (workanalytics: `callId`)."
  ),
  ...partyFields,
  dialedNumber: Field.text("Number the caller dialed. recentcalls: `dialedNumber`; workanalytics: `dnis`."),
  destinationNumber: Field.text(
    "Number that was dialed for the call, e.g. to call a web visitor back; may be the caller's own. recentcalls: " +
      "`destinationNumber`."
  ),
  callerPhoneNumber: Field.text("A second number of the caller, where it differs. recentcalls: `callerPhoneNumber`."),
  callerDisplay: Field.text("Caller as displayed, `name,number`. workanalytics: `callerId`."),
  ...joinFields,
  agentGroupIds: Field.texts("Groups of the agents. recentcalls: `agentGroup`."),
  departments: Field.texts("Departments of those who took part. workanalytics: `departments`."),
  branches: Field.texts("Branches of those who took part. workanalytics: `branches`."),
  sipCallId: Field.text("Call-ID of the SIP dialog. workanalytics: `sipCallId`."),
  startedAt: Field.instant("When it began. recentcalls: `callDate`; workanalytics: `startTimeUTC`."),
  connectedAt: Field.instant("When it was connected; absent when never. workanalytics: `connectTimeUTC`."),
  endedAt: Field.instant("When it ended. workanalytics: `disconnectedTimeUTC`."),
  durationMs: Field.millis("From beginning to end. recentcalls: `callDuration`; workanalytics: `callTime`."),
  talkMs: Field.millis("Time the parties could talk. workanalytics: `talkTimeMS`."),
  handlingMs: Field.millis("Time agents spent on it. recentcalls: `agentCallHandlingDuration`."),
  ringMs: Field.millis("Time it rang. workanalytics: `ringDuration`."),
  waitMs: Field.millis("Time in queues. recentcalls: `waitTime`; workanalytics: `waitTimeMS`."),
  ivrMs: Field.millis("Time in voice menus. recentcalls: `timeInIVR`."),
  holdMs: Field.millis("Time on hold, all holds. recentcalls: `holdDuration`; workanalytics: `calleeHoldDurationMS`."),
  longestHoldMs: Field.millis("The longest hold. recentcalls: `maximumHoldDuration`."),
  muteMs: Field.millis("Time an agent was muted. recentcalls: `muteDuration`."),
  answeredAfterMs: Field.millis("Time until it was answered. workanalytics: `answeredTime`."),
  abandonedAfterMs: Field.millis(
    "Time until the caller gave up. recentcalls: `abandonTime`; workanalytics: `abandonedTime`."
  ),
  transferCount: Field.count("How often it was transferred. recentcalls: `transferCount`."),
  legCount: Field.count("Of how many legs it consists. workanalytics: `callLegCount`."),
  answered: Field.flag("Whether somebody answered. workanalytics: `answered` (the word, or `-` for no)."),
  missed: Field.flag("Whether nobody answered. workanalytics: `missed` (the word, or `-` for no)."),
  abandoned: Field.flag("Whether the caller gave up. workanalytics: `abandoned` (the word, or `-` for no)."),
  callerEndedOnHold: Field.flag("Whether the caller hung up while on hold. workanalytics: `callerDisconnectOnHold`."),
  calleeEndedOnHold: Field.flag("Whether the callee hung up while on hold. workanalytics: `calleeDisconnectOnHold`."),
  hungUpBy: Field.oneOf(["agent", "customer", "system"], "Who ended it. recentcalls: `hungupBy`."),
  disposition: Field.text("How it ended, in the vendor's word, e.g. `Voicemail`. workanalytics: `lastLegDisposition`."),
  subType: Field.text("In the vendor's word: `Queued`, `No Queue`, `Verification`. recentcalls: `callSubType`."),
  schedule: Field.text(
    "State of the opening hours, in the vendor's word: `Open`, `Closed`. recentcalls: `scheduleHours`."
  ),
  redirectedFrom: Field.text("Last number it was redirected from. workanalytics: `lra`."),
  autoAttendant: Field.text("Where the auto attendant sent it. workanalytics: `aaDestination`."),
  surveyScore: Field.number("Total score of the survey after the call. recentcalls: `totalScore`."),
  surveyAnswers: Field.json("Answers of that survey, as the vendor nests them. recentcalls: `postCallSurvey`."),
  voiceComments: Field.json("Spoken comments of that survey, as the vendor nests them. recentcalls: `voiceComment`."),
  voiceCommentFilenames: Field.texts("Files of the spoken comments. recentcalls: `voiceCommentFileNames`, at commas."),
  ...Field.asRead
}).annotate({ title: "Call", description: "One call as a whole, of the contact centre or of Work." })
export type Call = typeof Call.Type

export const callType = EventType.make("callstream.call.v1", Call, { flat: ["surveyAnswers", "voiceComments", "raw"] })
