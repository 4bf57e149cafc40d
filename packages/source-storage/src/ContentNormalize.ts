/**
 * From a fetched body and the tags of its object to a transcript, a summary, a sentiment, a survey or a note. A body we
 * do not understand stays in `raw`, with a warning.
 */
import type { Json, JsonObject } from "@callstream/model"
import { Row, type Source } from "@callstream/core"
import { type Body, isObject, listIn, member, numberIn, secondsIn, textIn, textsIn } from "./Bodies.ts"
import { agentsOf, fillParties, type Parties, pbxOf } from "./Normalize.ts"
import { epochOf, idsOf, type Tags, timeOf } from "./ObjectReader.ts"
import { type ContentKind, type DurationUnits, durationUnitOf } from "./ObjectTypes.ts"
import type { StorageObject } from "./Wire.ts"

/** The record of a content. Its time is that of its recording where the tags tell it, else that of its object. */
export const normalizeContent = (
  row: StorageObject,
  tags: Tags,
  kind: ContentKind,
  body: Body,
  units: DurationUnits = {}
): Source.Normalized => {
  const { first, notes } = tags
  for (const warning of body.warnings) notes.warn("the content", warning)
  const createdAt = timeOf(row.createdTime, "createdTime", notes)
  const own = readers[kind](tags, body, durationUnitOf(row.type, units))
  const data = Row.present({
    objectId: row.id,
    objectName: Row.text(row.objectName, "objectName", notes),
    checksum: Row.text(row.checksum, "checksum", notes),
    createdAt,
    callId: first.callId,
    tenantId: first.tenantId,
    pbx: pbxOf(tags),
    transactionIds: idsOf(tags, "transactionId"),
    agentIds: agentsOf(tags),
    language: first.language,
    provider: first.provider,
    result: first.result,
    sourceObjectId: first.sourceId ?? first.sourceObjectId,
    sourceObjectType: first.sourceObjectType,
    contentObjectType: first.contentObjectType,
    ...own,
    warnings: notes.warnings,
    raw: body.json === undefined ? body.text || undefined : body.json
  })
  const time = own.startedAt ?? createdAt
  return time === undefined ? { data } : { time, data }
}

/** What a kind adds; only transcripts know when their recording began. */
interface Own {
  readonly startedAt?: string | undefined
  readonly [field: string]: unknown
}

const speakers: Readonly<Record<string, "agent" | "customer" | "system">> = {
  agent: "agent",
  owner: "agent",
  user: "agent",
  customer: "customer",
  caller: "customer",
  external: "customer",
  contact: "customer",
  guest: "customer",
  visitor: "customer",
  system: "system",
  bot: "system"
}

const speakerIn = (value: Json | undefined): "agent" | "customer" | "system" | undefined => {
  const word = textIn(value)?.trim().toLowerCase()
  return word !== undefined && Object.hasOwn(speakers, word) ? speakers[word] : undefined
}

const lists = ["utterances", "transcript", "transcripts", "segments", "sentences", "messages", "results", "data"]

const startOf = (line: JsonObject) => secondsIn(member(line, "timestampStart", "start", "startTime"))
const endOf = (line: JsonObject) => secondsIn(member(line, "timestampEnd", "end", "endTime"))

const transcript = (tags: Tags, { json }: Body, unit: number): Own => {
  const { first, notes } = tags
  const parties: Parties = {}
  fillParties(parties, tags)
  const speaker = Row.oneOf(first.speaker, { owner: "agent", external: "customer" } as const, "tag speaker", notes)
  const lines = json === undefined ? undefined : listIn(json, lists)
  if (json !== undefined && lines === undefined) notes.warn("the content", "has no list of utterances")
  const sure = (lines ?? []).map((line) => numberIn(member(line, "confidence")))
  // In percent; should all be at most 1, they are shares already.
  const scale = sure.every((value) => value === undefined || value <= 1) ? 1 : 100
  let unread = 0
  const utterances = lines?.flatMap((line, i) => {
    const text = textIn(member(line, "text", "transcript", "message", "content", "originalMessage"))
    if (text === undefined) {
      unread += 1
      return []
    }
    const channel = numberIn(member(line, "channel"))
    const confidence = sure[i]
    return Row.present({
      text,
      speaker: speakerIn(member(line, "speaker", "role", "from")) ?? speaker ?? sideOf(channel, parties.direction),
      startMs: startOf(line),
      endMs: endOf(line),
      channel: channel !== undefined && Number.isSafeInteger(channel) && channel >= 0 ? channel : undefined,
      confidence: confidence === undefined ? undefined : confidence / scale,
      emotion: textIn(member(line, "emotion")),
      gender: textIn(member(line, "gender"))
    })
  })
  if (unread > 0) notes.warn("the content", `has utterances without a text: ${unread}`)
  return {
    ...parties,
    queueIds: idsOf(tags, "queueNumber"),
    queueName: first.queueName,
    originalCallId: first.originalCallId,
    surveyId: first.pcsId,
    questionNumber: Row.count(first.pcsQuestionNumber, "tag pcsQuestionNumber", notes),
    speaker,
    startedAt: epochOf(first.startTime, "tag startTime", notes),
    durationMs: Row.millis(first.duration, "tag duration", notes, unit),
    utterances
  }
}

/** Channel 0 is the called side, 1 the caller's (Quality Management API): who that is, the direction says. */
const sideOf = (channel: number | undefined, direction: Parties["direction"]) => {
  if ((direction !== "inbound" && direction !== "outbound") || (channel !== 0 && channel !== 1)) return undefined
  return (channel === 1) === (direction === "inbound") ? "customer" : "agent"
}

const summary = ({ notes }: Tags, { json }: Body): Own => {
  if (json === undefined) return {}
  const inside = isObject(json) ? json : listIn(json, [])?.[0]
  const text = textIn(json) ?? textIn(member(inside, "result", "summary", "text"))
  if (text === undefined) notes.warn("the content", "has no summary")
  return {
    summaryId: textIn(member(inside, "id")),
    text,
    status: textIn(member(inside, "status")),
    durationMs: secondsIn(member(inside, "duration"))
  }
}

const feelings: Readonly<Record<string, "positive" | "neutral" | "negative">> = {
  positive: "positive",
  neutral: "neutral",
  negative: "negative"
}

/** A word, or an object with one; a number, or an object with one. */
const feelingIn = (value: Json | undefined) => {
  const word = textIn(isObject(value) ? member(value, "sentiment", "label", "value") : value)
    ?.trim()
    .toLowerCase()
  return {
    feeling: word !== undefined && Object.hasOwn(feelings, word) ? feelings[word] : undefined,
    score: numberIn(isObject(value) ? member(value, "score") : value)
  }
}

const sentiment = ({ notes }: Tags, { json }: Body): Own => {
  if (json === undefined) return {}
  const overall = feelingIn(member(json, "overall", "overallSentiment", "sentiment"))
  const customer = feelingIn(member(json, "customer", "customerSentiment"))
  const agent = feelingIn(member(json, "agent", "agentSentiment"))
  const parts = listIn(json, ["utterances", "scores", "sentences", "segments", "parts"])?.map((line) => {
    const { feeling, score } = feelingIn(line)
    return Row.present({
      text: textIn(member(line, "text")),
      speaker: speakerIn(member(line, "speaker", "role")),
      startMs: startOf(line),
      endMs: endOf(line),
      sentiment: feeling,
      score
    })
  })
  if (overall.feeling === undefined && overall.score === undefined && parts === undefined) {
    notes.warn("the content", "has no sentiment")
  }
  return {
    overall: overall.feeling,
    overallScore: overall.score,
    customer: customer.feeling,
    customerScore: customer.score,
    agent: agent.feeling,
    agentScore: agent.score,
    parts
  }
}

const survey = ({ first, notes }: Tags, { json }: Body): Own => {
  const surveyId = first.pcsId
  if (json === undefined) return { surveyId }
  const list = listIn(member(json, "questions", "answers"), [])
  const answers = list?.map((item, i) =>
    answerOf(
      textIn(member(item, "id", "questionId")) ?? `Q${i + 1}`,
      textIn(member(item, "question", "label", "text")),
      member(item, "answer", "value", "score")
    )
  )
  const found = answers ?? (isObject(json) ? numbered(json) : undefined)
  if (found === undefined) notes.warn("the content", "has no answers")
  return {
    surveyId,
    score: numberIn(member(json, "totalScore", "score")),
    answers: found,
    comments: textsOrOne(member(json, "comments", "comment")),
    voiceCommentFilenames: textsIn(member(json, "voiceCommentFileNames")),
    callerNumber: textIn(member(json, "callerNumber")),
    callKind: textIn(member(json, "callType")),
    offerKind: textIn(member(json, "offerType")),
    queueIds: textsIn(member(json, "queueList")),
    groupIds: textsIn(member(json, "groupList"))
  }
}

/** `Q1` … with `questionLabel.Q1` …, or the labels in an object of their own. */
const numbered = (json: JsonObject) => {
  const questions = Object.keys(json).filter((key) => /^Q\d+$/.test(key))
  if (questions.length === 0) return undefined
  const inOrder = questions.toSorted((a, b) => Number(a.slice(1)) - Number(b.slice(1)))
  return inOrder.map((question) => {
    const label = member(json, `questionLabel.${question}`) ?? member(member(json, "questionLabel"), question)
    return answerOf(question, textIn(label), member(json, question))
  })
}

const answerOf = (question: string, label: string | undefined, answer: Json | undefined) => {
  const score = numberIn(answer)
  return Row.present({ question, label, score, text: score === undefined ? textIn(answer) : undefined })
}

/** Comments are sentences: commas in them part nothing. */
const textsOrOne = (value: Json | undefined) => {
  const one = textIn(value)
  return one === undefined ? textsIn(Array.isArray(value) ? value : undefined) : [one]
}

const note = (_: Tags, { text }: Body): Own => ({ text: text.trim() === "" ? undefined : text })

const readers: Readonly<Record<ContentKind, (tags: Tags, body: Body, unit: number) => Own>> = {
  transcript,
  summary,
  sentiment,
  survey,
  note
}
