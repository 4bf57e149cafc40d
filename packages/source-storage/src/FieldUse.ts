/**
 * What becomes of each of the vendor's fields: for the reference, whose page of this source has it as tables. Tests hold it
 * against the documented samples.
 */
import { eventTypes } from "@callstream/model"
import type { FieldTable } from "@callstream/core"

const { note, object, recording, screenRecording, sentiment, summary, survey, transcript, voicemail } = eventTypes

const kept = "stays in `tags` too"

const calls: FieldTable.FieldTable["fields"] = {
  callId: ["callId, conversation", "interaction GUID, or Work's counter, which joins with the PBX only"],
  tenantId: "tenantId",
  ipbxid: ["pbx, conversation", "the PBX's name"],
  pbxname: ["pbx, conversation", "another spelling of the same"],
  transactionId: "transactionIds",
  agentId: ["agentIds", "a leading `ag` taken off"]
}

/** Both sides of a call. */
const parties: FieldTable.FieldTable["fields"] = {
  direction: "direction",
  address: ["address, callerNumber, calleeNumber", "a number or a name; a number is also the other party's"],
  callerId: "callerNumber",
  callerName: "callerName",
  calleeId: "calleeNumber",
  calleeName: "calleeName"
}

const spoken: FieldTable.FieldTable["fields"] = {
  ...calls,
  ...parties,
  startTime: ["startedAt, time", "epoch milliseconds"],
  endTime: ["endedAt", "epoch milliseconds"],
  duration: ["durationMs", "milliseconds, unless `durationUnits` says otherwise"],
  holdDuration: ["holdMs", "milliseconds, unless `durationUnits` says otherwise"],
  queueNumber: "queueIds",
  queueName: "queueName",
  pbxId: "pbxId",
  agentName: "agentName",
  userName: "userName",
  userEmail: "userEmail",
  extensionId: "extensionId",
  extensionNumber: "extensionNumber",
  branchId: "branchId",
  billingTelephoneNumber: "billingNumber",
  channelName: "channelName",
  mediaUrl: "filename",
  callSnippetId: "snippetId",
  callLogId: "callLogId"
}

const contents = [transcript, summary, sentiment, survey, note]

export const fields: ReadonlyArray<FieldTable.FieldTable> = [
  {
    record: "an object of any type",
    types: [object, recording, voicemail, screenRecording],
    fields: {
      id: "subject, objectId",
      type: "objectType",
      mimeType: "mimeType",
      objectName: "objectName",
      checksumType: "checksumType",
      checksum: ["checksum", "one that ends in `-1` is not the MD5 of the bytes"],
      customerId: "customerId",
      userId: ["userId", "a leading `ag` taken off"],
      storedBytes: ["sizeBytes", "bytes; a number or a text"],
      createdTime: ["createdAt, time", "UTC, though it does not say so; of a Work recording the call's start"],
      updatedTime: ["updatedAt", "UTC, though it does not say so"],
      objectState: ["state, op", "REVOKED and DELETED are deletes"],
      bucketId: "bucketId",
      tags: ["tags", "all but blank ones, as texts; one that comes twice is a list"],
      shared: "shared"
    }
  },
  {
    record: "tags of recordings: callrecording, callcenterrecording, meeting, voicecommentrecording",
    types: [recording],
    fields: {
      ...spoken,
      guid: "guid",
      pcsId: "surveyId",
      pcsQuestionNumber: "questionNumber",
      relativePath: ["tags", "as it came"],
      "media-processed": ["tags", "as it came"],
      "transcription-processed": ["tags", "as it came"]
    }
  },
  {
    record: "tags of voicemails: callcentervoicemail, voicemail",
    types: [voicemail],
    fields: { ...spoken, originalCallId: "originalCallId", agentEmail: "agentEmail" }
  },
  {
    record: "tags of a screenrecording",
    types: [screenRecording],
    fields: {
      ...calls,
      startTime: ["startedAt, time", "epoch milliseconds"],
      recording_start_time: ["startedAt, time", "`20221109T230607`, UTC; read where there is no startTime"],
      duration: ["durationMs", "milliseconds, unless `durationUnits` says otherwise"],
      startedBy: "startedBy",
      identifier: ["platformTenant", "`<platform>_<tenant>`"]
    }
  },
  {
    record: "tags of any other object",
    types: [object],
    fields: {
      callId: ["callId, conversation", kept],
      tenantId: ["tenantId", kept],
      ipbxid: ["pbx, conversation", kept],
      pbxname: ["pbx, conversation", kept],
      agentId: ["agentIds", `a leading \`ag\` taken off; ${kept}`],
      sourceId: ["sourceObjectId", kept],
      sourceObjectId: ["sourceObjectId", kept],
      sourceObjectType: ["sourceObjectType", kept],
      sentimentProcessed: ["tags", "as it came"]
    }
  },
  {
    record: "an object whose content was fetched",
    types: contents,
    fields: {
      id: "subject, objectId",
      objectName: "objectName",
      checksum: "checksum",
      createdTime: ["createdAt, time", "UTC"]
    }
  },
  {
    record: "tags of an object whose content was fetched",
    types: contents,
    fields: {
      ...calls,
      language: "language",
      provider: "provider",
      result: "result",
      sourceId: "sourceObjectId",
      sourceObjectId: "sourceObjectId",
      sourceObjectType: "sourceObjectType",
      contentObjectType: "contentObjectType"
    }
  },
  {
    record: "more tags of a transcription or chattranscription",
    types: [transcript],
    fields: {
      ...parties,
      address: ["callerNumber, calleeNumber", "of the other party, where it is a number"],
      startTime: ["startedAt, time", "epoch milliseconds, of the recording"],
      duration: ["durationMs", "seconds, unlike the same tag of a recording, unless `durationUnits` says otherwise"],
      queueNumber: "queueIds",
      queueName: "queueName",
      originalCallId: "originalCallId",
      pcsId: "surveyId",
      pcsQuestionNumber: "questionNumber",
      speaker: ["speaker", "`owner` is the agent, `external` the customer"]
    }
  },
  {
    record: "the content of a transcription or chattranscription",
    types: [transcript],
    fields: {
      text: ["utterances[].text", "also `transcript`, `message`, `content`, `originalMessage`"],
      timestampStart: ["utterances[].startMs", "seconds with a fraction; also `start`, `startTime`"],
      timestampEnd: ["utterances[].endMs", "seconds with a fraction; also `end`, `endTime`"],
      channel: ["utterances[].channel, utterances[].speaker", "0 the called side, 1 the caller's"],
      speaker: ["utterances[].speaker", "also `role`, `from`"],
      confidence: ["utterances[].confidence", "0 to 100; a share from 0 to 1 in the event"],
      emotion: "utterances[].emotion",
      gender: "utterances[].gender"
    }
  },
  {
    record: "the content of a summary",
    types: [summary],
    fields: {
      id: "summaryId",
      result: ["text", "also `summary`, `text`, or the content is a text"],
      status: "status",
      duration: ["durationMs", "seconds with a fraction"],
      type: "raw"
    }
  },
  {
    record: "the content of a sentimentScore",
    types: [sentiment],
    fields: {
      overall: ["overall, overallScore", "a word, a number, or both; also `overallSentiment`, `sentiment`"],
      customer: ["customer, customerScore", "also `customerSentiment`"],
      agent: ["agent, agentScore", "also `agentSentiment`"],
      utterances: ["parts", "also `scores`, `sentences`, `segments`, `parts`"]
    }
  },
  {
    record: "the content of a postcallsurvey",
    types: [survey],
    fields: {
      "Q1 …": ["answers", "with `questionLabel.Q1` …; also a list `questions` or `answers`"],
      totalScore: ["score", "also `score`"],
      comments: ["comments", "also `comment`"],
      voiceCommentFileNames: "voiceCommentFilenames",
      callerNumber: "callerNumber",
      callType: "callKind",
      offerType: "offerKind",
      queueList: "queueIds",
      groupList: "groupIds",
      agentList: ["raw", "`agentIds` are those of the tag"],
      callDate: ["raw", "without a zone"]
    }
  },
  {
    record: "the content of agentnotes",
    types: [note],
    fields: { "the text": "text" }
  }
]
