/**
 * How a conversation felt, as a model judged it.
 *
 * Origin: storage, objects of type `sentimentScore`; the body is not documented and is read tolerantly.
 */
import { Schema } from "effect"
import { contentFields } from "./Content.ts"
import * as EventType from "./EventType.ts"
import * as Field from "./Field.ts"
import { speakers } from "./Speaker.ts"

/** The vendor's three words, in lower case. */
const sentiments = ["positive", "neutral", "negative"] as const

export const SentimentPart = Schema.Struct({
  text: Field.text("The words that were judged."),
  speaker: Field.oneOf(speakers, "Who said them."),
  startMs: Field.millis("When they began, milliseconds from the beginning of the conversation."),
  endMs: Field.millis("When they ended, milliseconds from the beginning of the conversation."),
  sentiment: Field.oneOf(sentiments, "How they felt."),
  score: Field.number("How much so, on the vendor's scale.")
}).annotate({ description: "The judgement of one stretch of the conversation." })
export type SentimentPart = typeof SentimentPart.Type

export const Sentiment = Schema.Struct({
  ...contentFields,
  overall: Field.oneOf(sentiments, "How the whole conversation felt. Body: `overall`."),
  overallScore: Field.number("How much so, on the vendor's scale."),
  customer: Field.oneOf(sentiments, "How the customer's side felt. Body: `customer`."),
  customerScore: Field.number("How much so, on the vendor's scale."),
  agent: Field.oneOf(sentiments, "How the agent's side felt. Body: `agent`."),
  agentScore: Field.number("How much so, on the vendor's scale."),
  parts: Schema.optionalKey(
    Schema.Array(SentimentPart).annotate({ description: "The judgements of its stretches, in order." })
  ),
  ...Field.asRead
}).annotate({ title: "Sentiment", description: "How a conversation felt, as a model judged it." })
export type Sentiment = typeof Sentiment.Type

/** Nothing to search for: the words judged are those of the transcript, which has them already. */
export const sentimentType = EventType.make("callstream.sentiment.v1", Sentiment, { flat: ["raw"] })
