// The texts of the company's calls and chats: real dialogues of people who played parts (data/README.md has origin and
// licences), with times as if they had been spoken.
import { Schema } from "effect"
import { readFileSync } from "node:fs"
import type { Random } from "./Random.ts"

/** One turn. Times are milliseconds from the start of the talk. */
export interface Utterance {
  readonly speaker: "agent" | "caller"
  readonly text: string
  readonly startMs: number
  readonly endMs: number
}

/** What two people said to each other. */
export interface Conversation {
  readonly id: string
  readonly topic: string
  readonly language: string
  readonly spoken: boolean
  readonly utterances: ReadonlyArray<Utterance>
}

/** A line of the file that ships with the package. */
const Line = Schema.Struct({
  id: Schema.String,
  corpus: Schema.String,
  topic: Schema.String,
  language: Schema.String,
  utterances: Schema.Array(
    Schema.Struct({
      speaker: Schema.Literals(["agent", "caller"]),
      text: Schema.String,
      startMs: Schema.optionalKey(Schema.Number),
      endMs: Schema.optionalKey(Schema.Number)
    })
  )
})
type Line = typeof Line.Type

const readLine = Schema.decodeUnknownSync(Schema.fromJsonString(Line))

/** Times for a typed dialogue: about 160 words a minute, with short pauses that depend on the text alone. */
const timed = (line: Line): ReadonlyArray<Utterance> => {
  let at = 900
  return line.utterances.map(({ speaker, text, startMs, endMs }) => {
    if (startMs !== undefined && endMs !== undefined) return { speaker, text, startMs, endMs }
    const start = at
    const end = start + 350 + text.split(" ").length * 375
    at = end + 250 + ((text.length * 37) % 900)
    return { speaker, text, startMs: start, endMs: end }
  })
}

const load = (): ReadonlyArray<Conversation> =>
  readFileSync(new URL("../data/conversations.jsonl", import.meta.url), "utf8")
    .split("\n")
    .filter((line) => line !== "")
    .map((text) => {
      const line = readLine(text)
      const { id, language, topic } = line
      return { id, topic, language, spoken: line.corpus === "primock57", utterances: timed(line) }
    })

let loaded: ReadonlyArray<Conversation> | undefined

/** All conversations that ship with the package. */
const conversations = (): ReadonlyArray<Conversation> => (loaded ??= load())

/** One for a call: long consultations are a tenth of them. */
export const forVoice = (random: Random): Conversation => {
  const spoken = random.chance(0.1)
  return random.pick(conversations().filter((conversation) => conversation.spoken === spoken))
}

/** One for a chat. */
export const forChat = (random: Random): Conversation =>
  random.pick(conversations().filter((conversation) => !conversation.spoken))

/** How long the talk lasts, milliseconds. */
export const lengthOf = (conversation: Conversation): number =>
  Math.max(...conversation.utterances.map((utterance) => utterance.endMs))
