/**
 * A chat between a customer and an agent, with its messages.
 *
 * Origin: recordings, `/transcripts` and `/transcripts/{interactionGUID}`; so the descriptions name its fields only.
 */
import { Schema } from "effect"
import * as EventType from "./EventType.ts"
import * as Field from "./Field.ts"
import * as Instant from "./Instant.ts"
import { joinFields } from "./Parties.ts"
import { passageOf, speakers } from "./Speaker.ts"

export const Message = Schema.Struct({
  text: Field.text("What was written, in the writer's language: `originalMessage`."),
  language: Field.text("Language of the text: `originalLanguage`."),
  translatedText: Field.text("The same for the reader: `translatedMessage`."),
  translatedLanguage: Field.text("Language of the translation: `translatedLanguage`."),
  sentAt: Field.instant("When it was sent: `messageTime`."),
  speaker: Field.oneOf(speakers, "Who wrote it: `messageFrom`, `C` is the customer."),
  from: Field.text("The vendor's letter for who wrote it: `messageFrom`.")
}).annotate({ description: "One message of a chat." })
export type Message = typeof Message.Type

export const Chat = Schema.Struct({
  callId: Field.requiredText("The chat: its interaction GUID: `interactionGUID`."),
  ...joinFields,
  agentName: Field.text("Name of the agent, `First,Last` as the vendor writes it: `agentName`."),
  contactId: Field.text("Id of the customer's side of the chat: `contactID`."),
  contactName: Field.text("Name of the customer: `contactName`."),
  contactAddress: Field.text("IP address of the customer's side: `targetIP`."),
  channelId: Field.text("Id of the channel: `channelID`."),
  channelName: Field.text("Name of the channel: `channelName`."),
  caseId: Field.text("Case in the contact centre's CRM; `0` is none: `caseID`."),
  kind: Field.text("Between whom, in the vendor's word, e.g. `A2C` (agent to customer): `transcriptType`."),
  startedAt: Field.instant("When it began: `startDate`."),
  durationMs: Field.millis("How long it lasted: `duration`, in seconds there."),
  metadata: Field.named("What the customer's form or the script added: `metaDatas`."),
  messages: Schema.optionalKey(
    Schema.Array(Message).annotate({ description: "What was written, in order; absent when it was not fetched." })
  ),
  ...Field.asRead
}).annotate({ title: "Chat", description: "A chat between a customer and an agent." })
export type Chat = typeof Chat.Type

/** A message and its translation are two passages: people search in either language. */
const passages = ({ messages, startedAt }: Chat): ReadonlyArray<EventType.Passage> =>
  (messages ?? []).flatMap(({ sentAt, speaker, text, translatedText }) => {
    const startMs = startedAt && sentAt ? Instant.toMillis(sentAt) - Instant.toMillis(startedAt) : undefined
    return [text, translatedText]
      .filter((text) => text !== undefined)
      .map((text) => passageOf({ text, speaker, startMs: startMs === undefined || startMs < 0 ? undefined : startMs }))
  })

export const chatType = EventType.make("callstream.chat.v1", Chat, { text: passages, flat: ["metadata", "raw"] })
