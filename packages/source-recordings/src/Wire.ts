/**
 * Rows of the Recordings API in the one form that its three formats are read into: names and texts are the vendor's, what
 * is empty is absent, and what XML nests is a list. A row is only checked for what identifies it; each field is read on
 * its own, so that a spelling we do not know costs one field and not the row.
 *
 * Source: Recordings API, in its newer and its older form (both read 2026-11-20). CSV and JSON have no sample.
 */
import { Schema } from "effect"

/** A field of any shape, read tolerantly; a text unless said otherwise. */
const field = (description: string) => Schema.optionalKey(Schema.Unknown.annotate({ description }))

const startDate = Schema.NonEmptyString.annotate({ description: "`2007-12-19T19:16:36-08:00`." })

/** One recording of a call: a row of `/files`. */
export const FileRow = Schema.Struct({
  startDate,
  transactionID: Schema.NonEmptyString.annotate({ description: "A counter of the tenant; reused after years." }),
  agentID: field("A login (`bill`), elsewhere an id with a leading `ag`."),
  phoneNumber: field("Number, or name, of the other party."),
  channel: field("Number of the channel; `#virtual_outbound#`, or `#virtual_daa#` for direct agent access."),
  caseID: field("`0` is none."),
  duration: field("Seconds."),
  filename: field("`S20071220/R2007122003163601000.wav`, after the start in UTC; may come an hour after the row."),
  queueID: field("`fernandez~~queue~~phone~~102`, QUEUE_OUTBOUND or QUEUE_DIRECT_AGENT_ACCESS."),
  queueName: field("Name of the queue, or again QUEUE_OUTBOUND …"),
  accountNumber: field("`0` is none."),
  extVar1: field("`0` is none."),
  extVar2: field("`0` is none."),
  outDialCode: field("Often empty."),
  wrapUpCode: field(
    "List of `{ listName, name }`: nested in transactionCodes, transactionCode; empty in the older form."
  )
})
export type FileRow = typeof FileRow.Type

/** One chat: a row of `/transcripts`. */
export const TranscriptRow = Schema.Struct({
  startDate,
  interactionGUID: Schema.NonEmptyString.annotate({ description: "`int-14a0febe466-…-chat-03-tenant`." }),
  transactionID: field("As in files."),
  agentID: field("As in files."),
  agentName: field("`Bill,Jackson`."),
  contactID: field("A long address of the customer's side."),
  contactName: field("Name of the customer."),
  queueID: field("A plain number here."),
  queueName: field("Name of the queue."),
  channelID: field("Id of the channel."),
  channelName: field("Name of the channel."),
  caseID: field("`0` is none."),
  targetIP: field("IP address of the customer's side."),
  transcriptType: field("`A2C`: agent to customer."),
  duration: field("Seconds."),
  metaDatas: field("List of `{ fieldName, fieldValue }`."),
  messages: field("List of messages, see `MessageRow`; only in an answer about one transcript.")
})
export type TranscriptRow = typeof TranscriptRow.Type

/** One message of a chat. It has no id. */
export const MessageRow = Schema.Struct({
  messageTime: field("As `startDate`."),
  messageFrom: field("`C`: the customer; others are not documented."),
  originalLanguage: field("`en`."),
  originalMessage: field("What was written."),
  translatedLanguage: field("Often empty."),
  translatedMessage: field("Often empty.")
})
export type MessageRow = typeof MessageRow.Type
