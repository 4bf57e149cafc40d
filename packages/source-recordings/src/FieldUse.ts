/** What becomes of each of the vendor's fields (`Files.ts`, `Transcripts.ts`); the reference is written from it. */
import { eventTypes } from "@callstream/model"
import type { FieldTable } from "@callstream/core"

const agentID = ["agentIds", "without the leading `ag` that some places write"] as const
const duration = ["durationMs", "seconds"] as const
const queueID = [
  "queueIds",
  "the part behind the last `~~`; QUEUE_OUTBOUND and QUEUE_DIRECT_AGENT_ACCESS are none"
] as const
const queueName = ["queueName", "QUEUE_OUTBOUND and QUEUE_DIRECT_AGENT_ACCESS are none"] as const
const startDate = ["startedAt, time, subject", "with its offset"] as const
const none = "`0` is none"

export const fields: ReadonlyArray<FieldTable.FieldTable> = [
  {
    record: "a row of /files",
    types: [eventTypes.recording],
    fields: {
      startDate,
      agentID: ["agentIds, subject", agentID[1]],
      phoneNumber: ["address, callerNumber, calleeNumber", "a number or a name; the side is known by the channel"],
      channel: ["channel, direction", "`#virtual_outbound#` is outbound; a number and `#virtual_daa#` are inbound"],
      caseID: ["caseId", none],
      duration,
      filename: ["filename", "may come an hour after the row"],
      queueID,
      queueName,
      accountNumber: ["accountNumber", none],
      transactionID: "transactionIds, subject",
      extVar1: ["extVar1", none],
      extVar2: ["extVar2", none],
      outDialCode: "outDialCode",
      "wrapUpCode.transactionCodes.transactionCode.listName": "wrapUpCodes[].list",
      "wrapUpCode.transactionCodes.transactionCode.name": "wrapUpCodes[].code"
    }
  },
  {
    record: "a row of /transcripts, with its messages",
    types: [eventTypes.chat],
    fields: {
      startDate: ["startedAt, time", "with its offset"],
      agentID,
      agentName: "agentName",
      contactID: "contactId",
      contactName: "contactName",
      queueID: ["queueIds", "a plain number here"],
      queueName,
      channelID: "channelId",
      channelName: "channelName",
      caseID: ["caseId", none],
      targetIP: "contactAddress",
      transactionID: "transactionIds, subject",
      interactionGUID: "callId, conversation, subject",
      transcriptType: "kind",
      duration,
      "metaDatas.metaData.fieldName": ["metadata", "the names in it"],
      "metaDatas.metaData.fieldValue": ["metadata", "the values; a list where a name comes more than once"],
      "messages.message.messageTime": "messages[].sentAt",
      "messages.message.messageFrom": ["messages[].from, messages[].speaker", "`C` is the customer, `A` the agent"],
      "messages.message.originalLanguage": "messages[].language",
      "messages.message.originalMessage": "messages[].text",
      "messages.message.translatedLanguage": "messages[].translatedLanguage",
      "messages.message.translatedMessage": "messages[].translatedText"
    }
  }
]
