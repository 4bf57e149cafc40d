// The contents of storage objects. The vendor documents none of the JSON bodies; the shapes are the tolerant ones of
// 8x8-apis, section 1.8, after the Quality Management and Customer 360 APIs. Audio is a few KB of noise in a WAV frame.
import type { Conversation, Utterance } from "./Conversations.ts"
import type { Knobs } from "./Knobs.ts"
import type { Random } from "./Random.ts"

const json = (value: unknown): Buffer => Buffer.from(JSON.stringify(value))

/** Some content is not what its type promises: broken, empty, a web page, another encoding. */
const garbage = (r: Random): Buffer =>
  r.pick([
    Buffer.from('{"result": "ok", "utterances": ['),
    Buffer.alloc(0),
    Buffer.from("<html><body>502 Bad Gateway</body></html>"),
    Buffer.from([0x63, 0x61, 0x66, 0xe9, 0x0a]),
    Buffer.from("null")
  ])

const textual = ({ confidence, ...rest }: ReturnType<typeof line>) => ({ ...rest, confidence: String(confidence) })

const emotions = ["Positive", "Mostly Positive", "Neutral", "Mostly Negative", "Negative"]

const scoreOf = (text: string): number => {
  const words = text.toLowerCase()
  const count = (pattern: RegExp) => words.match(pattern)?.length ?? 0
  const good = count(/\b(thank|thanks|great|perfect|good|happy|glad|please|lovely|wonderful)\b/g)
  const bad = count(/\b(not|no|never|problem|wrong|fraud|pain|terrible|sorry|stolen|broken|worse|ill|sick|bad)\b/g)
  return Math.max(-1, Math.min(1, (good - bad) / 2))
}

const seconds = (ms: number): number => Math.round(ms / 10) / 100

const line = (utterance: Utterance, confidence: number) => ({
  text: utterance.text,
  confidence,
  channel: utterance.speaker === "agent" ? 0 : 1,
  emotion: emotions[Math.round(2 - 2 * scoreOf(utterance.text))] ?? "Neutral",
  gender: utterance.speaker === "agent" ? "Female" : "Male",
  timestampStart: seconds(utterance.startMs),
  timestampEnd: seconds(utterance.endMs)
})

/** Picks a shape as the knob says: the first, any, or any and sometimes garbage. */
const shape = (knobs: Knobs, r: Random, shapes: ReadonlyArray<() => unknown>): Buffer => {
  if (knobs.bodies === "garbage" && r.chance(0.3)) return garbage(r)
  const make = knobs.bodies === "plain" ? shapes[0] : r.pick(shapes)
  return json(make?.())
}

/** A transcript: a list of utterances, or an object around one. */
export const transcription = (knobs: Knobs, r: Random, utterances: ReadonlyArray<Utterance>): Buffer => {
  const lines = utterances.map((utterance) => line(utterance, r.int(71, 99)))
  return shape(knobs, r, [
    () => lines,
    () => ({ language: "en-US", provider: "voci", utterances: lines }),
    () => ({ result: "ok", transcript: lines.map(textual) })
  ])
}

/** What a summariser would say: who wanted what, and how it ended. */
const summaryText = (conversation: Conversation): string => {
  const wish = conversation.utterances.find(({ speaker, text }) => speaker === "caller" && text.split(" ").length > 4)
  const last = conversation.utterances.findLast(({ speaker }) => speaker === "agent")
  return `The customer contacted us about ${conversation.topic}. They said: "${wish?.text ?? "hello"}" The agent closed with: "${last?.text ?? "goodbye"}"`
}

/** The five keys that Customer 360 documents for the same object. */
export const summary = (knobs: Knobs, r: Random, id: string, conversation: Conversation, durationMs: number): Buffer =>
  shape(knobs, r, [
    () => ({
      id,
      result: summaryText(conversation),
      status: "success",
      type: "summary",
      duration: seconds(durationMs)
    })
  ])

const word = (score: number) => (score > 0.1 ? "POSITIVE" : score < -0.1 ? "NEGATIVE" : "NEUTRAL")

const mean = (values: ReadonlyArray<number>) =>
  values.length === 0 ? 0 : values.reduce((sum, value) => sum + value, 0) / values.length

const side = (score: number) => ({ sentiment: word(score), score: Math.round(score * 1000) / 1000 })

/** Scores for both sides and for all, with the scored utterances. */
export const sentiment = (knobs: Knobs, r: Random, utterances: ReadonlyArray<Utterance>): Buffer => {
  const of = (speaker?: "agent" | "caller") =>
    mean(
      utterances.filter((item) => speaker === undefined || item.speaker === speaker).map(({ text }) => scoreOf(text))
    )
  const scored = utterances.map(({ speaker, startMs, text }) => ({
    speaker: speaker === "agent" ? "agent" : "customer",
    timestampStart: seconds(startMs),
    text,
    score: scoreOf(text)
  }))
  return shape(knobs, r, [
    () => ({ overall: side(of()), customer: side(of("caller")), agent: side(of("agent")), utterances: scored }),
    () => ({ overall: word(of()), customer: word(of("caller")), agent: word(of("agent")), scores: scored })
  ])
}

/** A survey's questions, answers 1 to 5. */
export interface Survey {
  readonly answers: ReadonlyArray<{ readonly question: string; readonly answer: string }>
  readonly score: number
}

export const survey = (r: Random): Survey => {
  const answers = ["How satisfied are you with the agent?", "Was your problem solved?", "Would you recommend us?"].map(
    (question) => ({ question, answer: String(Math.min(5, r.int(1, 7))) })
  )
  return { answers, score: answers.reduce((sum, { answer }) => sum + Number(answer), 0) }
}

/** A survey as stored: questions and answers, or Q1 to Qn as the withdrawn survey API had them. */
export const surveyBody = (knobs: Knobs, r: Random, callId: string, agentId: string, result: Survey): Buffer =>
  shape(knobs, r, [
    () => ({ callId, agentId, questions: result.answers, totalScore: result.score }),
    () => ({
      callId,
      agentList: agentId,
      ...Object.fromEntries(result.answers.map(({ answer }, i) => [`Q${i + 1}`, answer])),
      ...Object.fromEntries(result.answers.map(({ question }, i) => [`questionLabel.Q${i + 1}`, question])),
      totalScore: String(result.score)
    })
  ])

const notes = [
  "Caller will ring back tomorrow after 3pm",
  "Verified by date of birth. No further action.",
  "Refund promised, ticket raised with billing",
  "VIP – please treat with care",
  "Customer was disconnected, called back twice",
  ""
]

/** Plain text, sometimes empty. */
export const agentNote = (knobs: Knobs, r: Random): Buffer =>
  knobs.bodies === "garbage" && r.chance(0.3) ? garbage(r) : Buffer.from(r.pick(notes))

/** A WAV file of a quarter of a second to one second of quiet noise, 8 kHz, 8 bit. */
export const audio = (r: Random): Buffer => {
  const length = r.int(2000, 8000)
  const header = Buffer.alloc(44)
  header.write("RIFF", 0)
  header.writeUInt32LE(36 + length, 4)
  header.write("WAVEfmt ", 8)
  header.writeUInt32LE(16, 16)
  header.writeUInt16LE(1, 20)
  header.writeUInt16LE(1, 22)
  header.writeUInt32LE(8000, 24)
  header.writeUInt32LE(8000, 28)
  header.writeUInt16LE(1, 32)
  header.writeUInt16LE(8, 34)
  header.write("data", 36)
  header.writeUInt32LE(length, 40)
  const samples = Buffer.alloc(length)
  let state = r.int(1, 0x7fffffff)
  for (let i = 0; i < length; i++) {
    state = (Math.imul(state, 1103515245) + 12345) & 0x7fffffff
    samples[i] = 120 + ((state >>> 16) & 15)
  }
  return Buffer.concat([header, samples])
}
