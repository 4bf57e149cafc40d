/** What becomes of each of the vendor's fields (`CallsNormalize.ts`); the reference is written from it. */
import { eventTypes } from "@callstream/model"
import type { FieldTable } from "@callstream/core"

const ms = "milliseconds, in a text with a fraction"

export const fields: ReadonlyArray<FieldTable.FieldTable> = [
  {
    record: "a call",
    types: [eventTypes.call],
    fields: {
      callId: ["callId, conversation, subject", "the time in it is the start of the call, in UTC"],
      tenantId: "tenantId",
      transactionId: ["transactionIds", "parted by blanks"],
      agentId: ["agentIds", "parted by commas; without the leading `ag` that some places write"],
      agentGroup: ["agentGroupIds", "parted by commas"],
      queueId: ["queueIds", "parted by commas"],
      callDate: ["startedAt, time", "asked for in GMT; where it is doubtful, the time in callId, and a warning"],
      callDateOnly: ["raw", "the day of callDate"],
      callTime: ["raw", "the time of callDate"],
      callDuration: ["durationMs", ms],
      agentCallHandlingDuration: ["handlingMs", ms],
      timeInIVR: ["ivrMs", ms],
      waitTime: ["waitMs", ms],
      abandonTime: ["abandonedAfterMs", `${ms}; 0 is none`],
      holdDuration: ["holdMs", ms],
      maximumHoldDuration: ["longestHoldMs", ms],
      muteDuration: ["muteMs", "milliseconds"],
      transferCount: ["transferCount", "a count with a fraction"],
      callType: "direction",
      callSubType: "subType",
      hungupBy: "hungUpBy",
      scheduleHours: "schedule",
      callerName: "callerName",
      callerNumber: "callerNumber",
      callerPhoneNumber: "callerPhoneNumber",
      dialedNumber: "dialedNumber",
      destinationNumber: "calleeNumber",
      postCallSurvey: ["surveyAnswers", "JSON in a text; an empty list is none"],
      voiceComment: ["voiceComments", "JSON in a text; an empty object is none"],
      voiceCommentFileNames: ["voiceCommentFilenames", "parted by commas"],
      totalScore: "surveyScore"
    }
  }
]
