/**
 * A record of each type, as a source would make it: the vendor's documented examples (`Cloud Storage Service Objects`,
 * `Recordings API`, `Recent Calls`, `Call Detail Records`, `Call Legs`) with our names and units. Where the vendor
 * shows no body (transcripts, surveys, sentiment), its words are made up.
 */
import type {
  AgentNote,
  Call,
  CallLeg,
  Chat,
  Recording,
  ScreenRecording,
  Sentiment,
  StoredObject,
  Summary,
  Survey,
  Transcript,
  Voicemail
} from "@callstream/model"

const guid = "int-17e541ad2d9-QoQZxK2kYWTPxhySo83VSMam2-phone-00-acmecorp01"

export const contactCentreCall: Call = {
  callId: guid,
  direction: "inbound",
  callerNumber: "4085551414",
  callerName: "David Demoperson",
  dialedNumber: "16695551913",
  tenantId: "tenantName",
  transactionIds: ["6264", "6270", "6273"],
  agentIds: ["7rcjEueDRuGblqngmiaaa"],
  queueIds: ["2583"],
  agentGroupIds: ["2577"],
  startedAt: "2022-01-13T15:42:31.129Z",
  durationMs: 335566,
  handlingMs: 310887,
  waitMs: 3901,
  ivrMs: 19657,
  holdMs: 155960,
  longestHoldMs: 137641,
  muteMs: 10462,
  transferCount: 0,
  hungUpBy: "agent",
  subType: "Queued",
  schedule: "Open",
  surveyAnswers: [],
  raw: { callId: guid, callDuration: "335566", muteDuration: 10462 }
}

export const workCall: Call = {
  callId: "1635571048351",
  direction: "inbound",
  callerNumber: "+15555551220",
  callerName: "MARK SMITH",
  calleeNumber: "120088",
  calleeName: "Jane Li",
  dialedNumber: "12025555720",
  callerDisplay: "MARK SMITH,+15555551220",
  pbx: "acmecorppbx",
  departments: ["Sales Engineering"],
  branches: ["Central"],
  startedAt: "2022-02-03T14:27:27.493Z",
  endedAt: "2022-02-03T14:27:52.253Z",
  durationMs: 24760,
  talkMs: 0,
  ringMs: 39,
  waitMs: 0,
  holdMs: 0,
  legCount: 1,
  answered: false,
  missed: true,
  abandoned: false,
  disposition: "Voicemail"
}

export const callLeg: CallLeg = {
  callId: "1635571048351",
  legId: "1",
  pbx: "demonstrationname",
  sipCallId: "170437510_134011744@192.0.2.75",
  direction: "inbound",
  callerNumber: "+15555551211",
  callerName: "John Smith",
  calleeNumber: "Voicemail (120088)",
  calleeName: "Jane Li",
  calleeServiceName: "VMadvanced",
  calleeServiceType: "Custom",
  startedAt: "2022-02-03T14:27:27.499Z",
  connectedAt: "2022-02-03T14:27:27.539Z",
  endedAt: "2022-02-03T14:27:52.253Z",
  durationMs: 24754,
  status: "Completed",
  cause: "Ring No Answer",
  disposition: "Voicemail",
  redirectedFrom: "120088",
  redirectedFromType: "extension"
}

export const recording: Recording = {
  kind: "call",
  direction: "inbound",
  callerName: "bill",
  address: "bill",
  tenantId: "acmecorp01",
  transactionIds: ["1"],
  agentIds: ["bill"],
  queueIds: ["102"],
  queueName: "phoneq1",
  channel: "5027780",
  startedAt: "2007-12-20T03:16:36.000Z",
  durationMs: 27000,
  filename: "S20071220/R2007122003163601000.wav",
  wrapUpCodes: [{ list: "Gauffre", code: "Gauffre 1" }]
}

export const storedRecording: Recording = {
  kind: "call",
  callId: "1666686434952",
  direction: "outbound",
  calleeNumber: "+16695555518",
  address: "+16695555518",
  pbx: "acmecorp",
  pbxId: "EhS7MdQXSX2zElaIeTt49Q",
  userName: "Alex Wilber",
  startedAt: "2022-11-01T21:22:22.543Z",
  endedAt: "2022-11-01T21:22:29.032Z",
  durationMs: 3000,
  objectId: "9984564e-557c-42bf-9b7c-40c7b909d489",
  objectType: "callrecording",
  state: "available",
  mimeType: "audio/mpeg",
  sizeBytes: 28224,
  checksum: "c03f27f4b1ca0aefea989f1c1b432d9e",
  checksumType: "MD5",
  createdAt: "2022-11-01T21:22:22.000Z",
  updatedAt: "2022-11-01T21:22:32.000Z",
  bucketId: "57b3ae7b-da6a-437d-b7eb-8d109f89ef2f",
  shared: false,
  tags: { "media-processed": "true", branchId: "ZANgBY7WRyOZq_HYzQ48wQ" }
}

export const transcript: Transcript = {
  objectId: "6a3ba4d7-c221-4c23-8d50-7e9e5fdb7625",
  callId: "int-18729fc3e63-3siHRMg9PX50ZpArizpitQOIQ-vmail-00-supertenantcsm01",
  language: "en-US",
  provider: "voci",
  sourceObjectId: "f0f1b23c-a8e5-4cf7-9d6e-05e2b4cf2562",
  sourceObjectType: "callcentervoicemail",
  speaker: "customer",
  durationMs: 18000,
  utterances: [
    { text: "Please call me back.", startMs: 0, endMs: 1200, channel: 1, confidence: 0.93, emotion: "Neutral" },
    { text: "One moment.", speaker: "agent" }
  ]
}

export const chat: Chat = {
  callId: "int-14a0febe466-bLfK0EF6BKKvFMZmhhFdW14v0-chat-03-tenant",
  transactionIds: ["11"],
  agentIds: ["bill"],
  agentName: "Bill,Jackson",
  contactName: "Jeff Waugh",
  contactAddress: "10.191.210.31",
  queueIds: ["104"],
  queueName: "chat_recording_2",
  channelId: "103",
  channelName: "chatrec_channel",
  caseId: "24482",
  kind: "A2C",
  startedAt: "2007-12-20T03:16:36.000Z",
  durationMs: 54000,
  metadata: { Color: "Blue", Fruit: ["Cherry", "Fig"] },
  messages: [
    { text: "Hi How r u", language: "en", sentAt: "2007-12-20T03:16:36.000Z", speaker: "customer", from: "C" },
    {
      text: "Gut",
      language: "de",
      translatedText: "Fine",
      translatedLanguage: "en",
      sentAt: "2007-12-20T03:16:41.000Z"
    },
    { from: "C" }
  ]
}

export const voicemail: Voicemail = {
  callId: "int-1843bd9685e-x5zrSPDXGaiqinf9oMFkpUbau-vmail-00-acmecorp01",
  originalCallId: "int-18337a3bdfa-WawHeGWwrRIvpTdmz2p027kdj-phone-00-acmecorp01",
  direction: "inbound",
  callerName: "DEF",
  agentIds: ["aiYxR4vVSuCcfajOqwzzzz"],
  queueName: "Sales Voice Mail",
  startedAt: "2022-11-09T16:30:52.227Z",
  durationMs: 67000,
  objectId: "10b17f97-baff-4610-8f19-70f3f2c0abc9",
  objectType: "callcentervoicemail",
  state: "available"
}

export const survey: Survey = {
  objectId: "e8430fd2-bf6e-4b95-a6e7-6229066567c3",
  callId: "int-18419b888db-G7VBDUQreh0xPFMLVd8n9uedI-phone-00-acmecorp01",
  surveyId: "int-18419b888db-G7VBDUQreh0xPFMLVd8n9uedI-phone-00-acmecorp01",
  score: 9,
  answers: [
    { question: "Q1", label: "Were you satisfied?", score: 9 },
    { question: "Q2", label: "What could be better?", text: "The music." }
  ],
  comments: ["Thank you, Jane."]
}

export const note: AgentNote = {
  objectId: "c5381c7d-28b5-4bbd-9f87-cbb47adc613e",
  callId: "int-18486b7d9b9-9rNMbf8CSyBum7opdCSIsgFdr-phone-00-acmecorp01",
  text: "Wants a refund, call back on Monday."
}

export const sentiment: Sentiment = {
  objectId: "daa0b61e-c36c-402c-90f3-a3f3fdf1139b",
  callId: "int-1924c64e00a-zMCJ1IqScHpzxu2uMdOcDVwH8-phone-03-acmecorp01",
  overall: "neutral",
  customer: "negative",
  customerScore: -0.4,
  parts: [{ text: "This is the third time.", speaker: "customer", startMs: 900, sentiment: "negative", score: -0.8 }]
}

export const summary: Summary = {
  objectId: "651dc994-27aa-43cc-8f43-301fa6458639",
  callId: "int-1921de567b1-7zrCRtowKo5rmiXNVI0G4PLOE-phone-03-acmecorp01",
  result: "ok",
  text: "The customer asked for a refund, and the agent agreed to it.",
  status: "success",
  sourceObjectId: "8d1bfa3c-3519-4823-a131-646bde4cd271"
}

export const screenRecording: ScreenRecording = {
  callId: "int-1845ea47cdb-7uK6Uj2BHUMubNY7OOKsgiyjM-phone-00-acmecorp01",
  transactionIds: ["7434"],
  agentIds: ["whzJ0NOwTdWid_JP6zzzz"],
  startedAt: "2022-11-09T23:06:07.650Z",
  durationMs: 542000,
  startedBy: "vcc-agui",
  platformTenant: "NA12_acmecorp01",
  objectId: "9e58ab51-360e-46db-b508-6e5ba6bc3700",
  objectType: "screenrecording"
}

export const storedObject: StoredObject = {
  objectId: "0ca4c747-6256-4023-a335-53a46449871a",
  objectType: "waveform",
  state: "archived",
  tags: { callId: guid, part: ["1", "2"] },
  warnings: ["createdTime is no time"]
}
