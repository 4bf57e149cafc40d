/**
 * The stream of chats: rows of `/transcripts`, each with the messages that `/transcripts/{interactionGUID}` has of it.
 *
 * A row by itself is no event: a chat without its messages is of no use to anyone. It announces the chat, and announces it
 * again when it has changed; the chat is emitted when its messages were fetched.
 *
 * Source: Recordings API, Chat Transcripts (read 2026-11-20).
 */
import { hash } from "node:crypto"
import { Effect } from "effect"
import { canonical, type Chat, Conversation, eventTypes, type Json } from "@callstream/model"
import { type Failure, Row, type Source } from "@callstream/core"
import type { Api } from "./Api.ts"
import type { Config } from "./Config.ts"
import { agentIdsOf, millisOf, pairsOf, queueIdsOf, queueNameOf, timeOf, unlessZero, unreadableOf } from "./Fields.ts"
import { listStream } from "./Walk.ts"
import { TranscriptRow } from "./Wire.ts"
import { Broken } from "./Xml.ts"

const rowOf = Row.checked(TranscriptRow)

/** A chat that was passed on has a transcript per transaction. */
const subjectOf = (row: TranscriptRow): string =>
  `${row.interactionGUID}/${typeof row.transactionID === "string" ? row.transactionID : ""}`

/** Makes the stream; `now` is the clock at the first start. */
export const transcriptsStream = (api: Api, config: Config, now: number): Source.SourceStream => {
  const recordsOf = (rows: ReadonlyArray<Json | Broken>) => rows.map(announced)
  const list = { name: "transcripts", kind: "transcript", type: eventTypes.chat, keyOf, recordsOf } as const
  return {
    ...listStream(list, api, config, now),
    fetch: (_, contents) => Effect.forEach(contents, (content) => fetchChat(api, config, content), { concurrency: 2 })
  }
}

const keyOf = (value: Json): string => {
  const row = rowOf(value)
  return "unreadable" in row ? JSON.stringify(value) : subjectOf(row)
}

/** The record that announces a chat. */
const announced = (value: Json | Broken): Source.SourceRecord | Source.Unreadable => {
  if (value instanceof Broken) return unreadableOf(value)
  const row = rowOf(value)
  if ("unreadable" in row) return row
  const subject = subjectOf(row)
  const type = eventTypes.chat
  return {
    type,
    subject,
    op: "upsert",
    content: value,
    normalize: () => ({}),
    announces: true,
    pending: { type, subject, token: hash("sha256", canonical(value), "base64url").slice(0, 24), request: value }
  }
}

/** A chat whose messages are not there yet may have them so long after its end, milliseconds. */
const settling = 300_000

/** Fetches the messages of a chat. What cannot be had now, or was cut off, is tried again. */
const fetchChat = Effect.fnUntraced(function* (
  api: Api,
  config: Config,
  content: Source.PendingContent
): Effect.fn.Return<Source.Fetched, Failure.SourceFailure> {
  const row = rowOf(content.request)
  if ("unreadable" in row) return { failed: row.unreadable }
  const transaction = typeof row.transactionID === "string" ? row.transactionID : undefined
  const found = yield* api.transcript(row.interactionGUID, transaction).pipe(
    Effect.catchTag("BadAnswer", ({ message }) => Effect.succeed({ later: message })),
    Effect.catchTag("Unavailable", (failure) =>
      failure.status === undefined || failure.status === 429 || failure.status === 503
        ? Effect.fail(failure)
        : Effect.succeed({ later: failure.message })
    )
  )
  if ("later" in found) return found
  if ("missing" in found) {
    const ended = endOf(row, config.timezone)
    if (ended !== undefined && found.vendorNow !== undefined && found.vendorNow < ended + settling)
      return { later: "the chat has just ended, and its messages are not there yet" }
    return { records: [chatRecord(content.request, config, undefined, content.token)], bytes: 0 }
  }
  if ("row" in found)
    return { records: [chatRecord(content.request, config, found.row, content.token)], bytes: found.bytes }
  // The chat goes without its messages, and what came of them is kept.
  const broken: Source.Unreadable = { unreadable: found.broken, raw: found.raw, subject: content.subject }
  return { records: [chatRecord(content.request, config, undefined, content.token), broken], bytes: found.bytes }
})

/** When a chat ended, epoch milliseconds. */
const endOf = (row: TranscriptRow, zone: string): number | undefined => {
  const start = millisOf(row.startDate, zone)
  return start === undefined ? undefined : start + (Row.millis(row.duration, "duration", new Row.Notes(), 1000) ?? 0)
}

/** The record of a chat: its row in the list, and the messages of the answer about it, if there was one. */
export const chatRecord = (
  listed: Json | Broken,
  { tenant, timezone }: Pick<Config, "tenant" | "timezone">,
  answer: Json | Broken | undefined,
  token: string
): Source.SourceRecord | Source.Unreadable => {
  const row = rowOf(listed)
  if ("unreadable" in row) return row
  const whole: TranscriptRow = answer === undefined ? row : { ...row, messages: messagesOf(answer) }
  return {
    type: eventTypes.chat,
    subject: subjectOf(row),
    op: "upsert",
    content: Row.fromParsed(whole),
    conversation: Conversation.ofInteraction(row.interactionGUID),
    normalize: () => normalizeChat(whole, tenant, timezone),
    fetched: token
  }
}

const messagesOf = (row: Json | Broken): ReadonlyArray<Json> => {
  const messages = typeof row === "object" && row !== null && "messages" in row ? row.messages : undefined
  return Array.isArray(messages) ? messages : []
}

/** Who wrote a message. Only `C` is documented; `A` is the other side of `A2C`. */
const writers: Readonly<Record<string, "agent" | "customer">> = { C: "customer", A: "agent" }

/** The chat of a row with its messages. */
export const normalizeChat = (row: TranscriptRow, tenant: string, zone: string): Source.Normalized => {
  const notes = new Row.Notes()
  const startedAt = timeOf(row.startDate, zone, "startDate", notes)
  const transactionId = Row.text(row.transactionID, "transactionID", notes)
  if (row.messages === undefined) notes.warn("messages", "are not there any more")
  const data: Chat = Row.present({
    callId: row.interactionGUID,
    tenantId: tenant,
    transactionIds: transactionId === undefined ? undefined : [transactionId],
    agentIds: agentIdsOf(row.agentID, notes),
    queueIds: queueIdsOf(row.queueID, notes),
    queueName: queueNameOf(row.queueName, notes),
    agentName: Row.text(row.agentName, "agentName", notes),
    contactId: Row.text(row.contactID, "contactID", notes),
    contactName: Row.text(row.contactName, "contactName", notes),
    contactAddress: Row.text(row.targetIP, "targetIP", notes),
    channelId: Row.text(row.channelID, "channelID", notes),
    channelName: Row.text(row.channelName, "channelName", notes),
    caseId: unlessZero(row.caseID, "caseID", notes),
    kind: Row.text(row.transcriptType, "transcriptType", notes),
    startedAt,
    durationMs: Row.millis(row.duration, "duration", notes, 1000),
    metadata: metadataOf(row.metaDatas, notes),
    messages:
      row.messages === undefined
        ? undefined
        : pairsOf(row.messages, "messages", notes).map((message) => messageOf(message, zone, notes)),
    warnings: notes.warnings,
    raw: Row.fromParsed(row)
  })
  return startedAt === undefined ? { data } : { time: startedAt, data }
}

const messageOf = (message: Readonly<Record<string, unknown>>, zone: string, notes: Row.Notes) => {
  const from = Row.text(message["messageFrom"], "messageFrom", notes)
  return Row.present({
    text: Row.text(message["originalMessage"], "originalMessage", notes),
    language: Row.text(message["originalLanguage"], "originalLanguage", notes),
    translatedText: Row.text(message["translatedMessage"], "translatedMessage", notes),
    translatedLanguage: Row.text(message["translatedLanguage"], "translatedLanguage", notes),
    sentAt: timeOf(message["messageTime"], zone, "messageTime", notes),
    speaker: from !== undefined && Object.hasOwn(writers, from) ? writers[from] : undefined,
    from
  })
}

/** Names may come more than once, and are the customer's. */
const metadataOf = (
  value: unknown,
  notes: Row.Notes
): Readonly<Record<string, string | ReadonlyArray<string>>> | undefined => {
  const all = new Map<string, string | ReadonlyArray<string>>()
  for (const { fieldName, fieldValue } of pairsOf(value, "metaDatas", notes)) {
    if (fieldValue === undefined) continue
    if (typeof fieldName !== "string" || typeof fieldValue !== "string") {
      notes.warn("metaDatas", "has a value without a name, or one that is not a text")
      continue
    }
    const known = all.get(fieldName)
    all.set(fieldName, known === undefined ? fieldValue : [known, fieldValue].flat())
  }
  return all.size === 0 ? undefined : Object.fromEntries(all)
}
