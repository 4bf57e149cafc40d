/**
 * Who took part and where the record belongs: fields that calls, legs, recordings and voicemails have in common.
 */
import * as Field from "./Field.ts"

/** As seen from the company: `inbound` came in, `outbound` went out, `internal` never left it. */
const directions = ["inbound", "outbound", "internal"] as const
export type Direction = (typeof directions)[number]

/** Who was in it. */
export const partyFields = {
  direction: Field.oneOf(
    directions,
    "Which way it went, as seen from the company. storage: tag `direction` (INBOUND, OUTBOUND); recordings: told by " +
      "`channel`; recentcalls: `callType` (Inbound, Outbound); workanalytics: `direction` (Incoming, Outgoing)."
  ),
  callerNumber: Field.text(
    "Number or extension that called, as the vendor writes it. storage: tag `callerId`, or `address` of an inbound " +
      "call; recordings: `phoneNumber` of an inbound call; recentcalls: `callerNumber`; workanalytics: `caller`."
  ),
  callerName: Field.text(
    "Name of who called. storage: tag `callerName`; recentcalls, workanalytics: `callerName` (`.` is none)."
  ),
  calleeNumber: Field.text(
    "Number or extension that was reached, as the vendor writes it; not always a number (`CallQueue`). storage: tag " +
      "`calleeId`, or `address` of an outbound call; recordings: `phoneNumber` of an outbound call; workanalytics: " +
      "`callee`."
  ),
  calleeName: Field.text("Name of who was reached. storage: tag `calleeName`; workanalytics: `calleeName`.")
}

/** The ids that join a record to others of its call. */
export const joinFields = {
  tenantId: Field.text(
    "Contact-centre tenant. storage: tag `tenantId`; recordings: the tenant of the login; recentcalls: `tenantId`."
  ),
  pbx: Field.text("Name of the PBX. storage: tag `ipbxid` or `pbxname`; workanalytics: `pbxId`."),
  transactionIds: Field.texts(
    "The contact centre's counters of the call, one per transfer; they are reused after years. storage: tag " +
      "`transactionId`; recordings: `transactionID`; recentcalls: `transactionId`, split at blanks."
  ),
  agentIds: Field.texts(
    "Agents who took part, a leading `ag` taken off. storage: tag `agentId`; recordings: `agentID`; recentcalls: " +
      "`agentId`, split at commas."
  ),
  queueIds: Field.texts(
    "Queues it went through. storage: tag `queueNumber`; recordings: `queueID`, last part of " +
      "`tenant~~queue~~phone~~102`; recentcalls: `queueId`."
  ),
  queueName: Field.text("Name of the queue. storage: tag `queueName`; recordings: `queueName`.")
}
