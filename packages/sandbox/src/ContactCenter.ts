// One call of the contact center, as all its APIs tell it: the row of Recent Calls, the rows of Recordings' files, and
// what hangs on it. Its objects in Cloud Storage are made by ContactCenterObjects.
import { storeCallObjects } from "./ContactCenterObjects.ts"
import { forVoice, lengthOf, type Conversation } from "./Conversations.ts"
import { random, type Random } from "./Random.ts"
import type { RecordingFile, WrapUpCode } from "./Records.ts"
import { interactionGuid, staff, stranger, tenant, type Agent, type Queue } from "./Staff.ts"
import { compactUtc } from "./Time.ts"
import { keys, type World } from "./World.ts"

/** One agent's part in a call; a transferred call has several. */
export interface Part {
  readonly agent: Agent
  readonly transactionId: string
  readonly startedAt: number
  readonly durationMs: number
  /** The recording's file name, e.g. `R202103101740420023.wav`. */
  readonly media: string
}

/** What is known about a call of the contact center. */
export interface PhoneCall {
  readonly name: string
  readonly callId: string
  readonly kind: "queued" | "outbound" | "direct"
  readonly startedAt: number
  readonly endedAt: number
  readonly caller: { readonly name: string; readonly number: string }
  readonly queue: Queue
  readonly conversation: Conversation
  readonly parts: ReadonlyArray<Part>
  readonly holdMs: number
  readonly r: Random
}

/** When a call happens: a start, or the instant at which it is over. */
export type When = { readonly startedAt: number } | { readonly endedAt: number }

const wrapUps: ReadonlyArray<WrapUpCode> = [
  { listName: "Gauffre", name: "Gauffre 1" },
  { listName: "Outcome", name: "Solved" },
  { listName: "Outcome", name: "Call back" },
  { listName: "Reason", name: "Billing & Refunds" },
  { listName: "Reason", name: "Other <unclear>" }
]

const makeParts = (world: World, r: Random, agents: ReadonlyArray<Agent>, from: number, talk: number) =>
  agents.map((agent, i): Part => {
    const length = Math.floor(talk / agents.length)
    const startedAt = from + i * length
    return {
      agent,
      transactionId: String(world.nextTransaction()),
      startedAt,
      durationMs: length,
      media: `R${compactUtc(startedAt).replace("T", "")}${r.digits(4)}.wav`
    }
  })

/** The row of `files` for one part. Source: Recordings API, "List All Call Recording Files". */
const fileOf = (call: PhoneCall, part: Part): RecordingFile => {
  const { kind, queue, r } = call
  const id = kind === "outbound" ? "QUEUE_OUTBOUND" : kind === "direct" ? "QUEUE_DIRECT_AGENT_ACCESS" : undefined
  const channel = kind === "outbound" ? "#virtual_outbound#" : kind === "direct" ? "#virtual_daa#" : queue.dialed
  const startedAt = Math.floor(part.startedAt / 1000) * 1000
  return {
    startedAt,
    endedAt: startedAt + part.durationMs,
    row: {
      agentID: part.agent.id,
      phoneNumber: r.chance(0.1) && call.caller.name !== "" ? call.caller.name : call.caller.number,
      channel,
      caseID: r.chance(0.2) ? r.digits(5) : "0",
      duration: String(Math.round(part.durationMs / 1000)),
      filename: `S${compactUtc(part.startedAt).slice(0, 8)}/${part.media}`,
      queueID: id ?? `${tenant}~~queue~~phone~~${queue.id}`,
      queueName: id ?? queue.name,
      accountNumber: r.chance(0.3) ? r.digits(8) : "0",
      transactionID: part.transactionId,
      extVar1: r.chance(0.1) ? `ref-${r.hex(6)}` : "0",
      extVar2: "0",
      outDialCode: kind === "outbound" && r.chance(0.5) ? r.digits(4) : ""
    },
    wrapUpCodes: r.chance(0.6) ? [r.pick(wrapUps), r.pick(wrapUps)].slice(0, r.int(1, 2)) : [],
    conversation: call.callId
  }
}

/** A row may come without file name and wrap-up codes, and get them up to an hour later. */
const planFiles = (world: World, call: PhoneCall) => {
  const { r } = call
  for (const part of call.parts) {
    const file = fileOf(call, part)
    const seen = world.after(part.startedAt + part.durationMs, r.int(60, 300) * 1000)
    const late = r.chance(0.3)
    const complete = world.after(seen, r.int(20, 60) * 60_000)
    world.plan(seen, () =>
      world.files.put(late ? { ...file, row: { ...file.row, filename: "" }, wrapUpCodes: [] } : file)
    )
    if (late) world.plan(complete, () => world.files.get(keys.file(file)) !== undefined && world.files.put(file))
  }
}

const float = (ms: number) => `${ms}.0`

/** The row of Recent Calls. Source: Recent Calls guide, "Response"; read 2026-11-20. */
const planRecent = (world: World, call: PhoneCall, phases: { ivr: number; wait: number; talk: number }) => {
  const { callId, kind, parts, queue, r } = call
  const answered = parts.length > 0
  const agents = [...new Set(parts.map((part) => part.agent))]
  const comma = r.chance(0.3) ? "," : ""
  const holds = call.holdMs === 0 ? 0 : r.int(1, 3)
  const longest = holds <= 1 ? call.holdMs : Math.floor(call.holdMs * 0.7)
  const mute = r.chance(0.2) ? r.int(300, 20_000) : 0
  const outside = call.caller.number
  const seen = world.after(call.endedAt, r.int(30, 90) * 1000)
  const row = {
    callDuration: String(call.endedAt - call.startedAt),
    queueId: kind === "queued" ? queue.id : "",
    agentCallHandlingDuration: float(phases.talk),
    agentId: agents.length === 0 ? "" : agents.map((agent) => agent.id).join(",") + comma,
    muteDuration: mute,
    scheduleHours: r.chance(0.9) ? "Open" : "Closed",
    timeInIVR: float(phases.ivr),
    agentGroup: [...new Set(agents.map((agent) => agent.group))].join(","),
    transferCount: float(Math.max(0, parts.length - 1)),
    postCallSurvey: "[]",
    callType: kind === "outbound" ? "Outbound" : "Inbound",
    callerName: call.caller.name,
    dialedNumber: kind === "outbound" ? outside : queue.dialed,
    hungupBy: answered ? r.pick(["Agent", "Customer"]) : "Customer",
    holdDuration: float(call.holdMs),
    voiceComment: "{}",
    callId,
    abandonTime: float(answered ? 0 : phases.wait),
    callerNumber: outside,
    callSubType: kind === "queued" ? "Queued" : "No Queue",
    totalScore: "",
    transactionId: parts.map((part) => part.transactionId).join(" "),
    destinationNumber: kind === "outbound" ? outside : "",
    voiceCommentFileNames: "",
    tenantId: tenant,
    maximumHoldDuration: float(longest),
    waitTime: float(phases.wait),
    callerPhoneNumber: outside
  }
  const recent = { callId, startedAt: call.startedAt, holdCount: holds, muteCount: mute > 0 ? 1 : 0, row }
  world.plan(seen, () => world.recentCalls.put({ ...recent, channelId: queue.channelId }))
  return seen
}

/** Makes a call and plans all that will be known of it. Gives its interaction GUID. */
export const makePhoneCall = (world: World, name: string, when: When): string => {
  const r = random(world.seed, "phone", name)
  const { agents, queues } = staff(world.seed)
  const queue = r.pick(queues)
  const caller = stranger(r)
  const conversation = forVoice(r)
  const dice = r.next()
  const kind = dice < 0.75 ? "queued" : dice < 0.9 ? "outbound" : "direct"
  const abandoned = kind === "queued" && r.chance(0.1)
  const phases = {
    ivr: kind === "outbound" ? 0 : r.int(5000, 30_000),
    wait: kind === "queued" ? r.int(1000, 120_000) : 0,
    talk: abandoned ? 0 : lengthOf(conversation) + r.int(500, 4000)
  }
  const total = phases.ivr + phases.wait + phases.talk + r.int(0, 2000)
  const startedAt = "startedAt" in when ? when.startedAt : when.endedAt - total
  const first = r.pick(agents)
  const people = abandoned ? [] : r.chance(0.12) ? [first, r.pick(agents.filter((agent) => agent !== first))] : [first]
  const call: PhoneCall = {
    name,
    callId: interactionGuid(r, startedAt, "phone"),
    kind,
    startedAt,
    endedAt: startedAt + total,
    caller,
    queue,
    conversation,
    parts: makeParts(world, r, people, startedAt + phases.ivr + phases.wait, phases.talk),
    holdMs: !abandoned && r.chance(0.3) ? r.int(2000, Math.max(2001, Math.floor(phases.talk / 3))) : 0,
    r
  }
  const seen = planRecent(world, call, phases)
  planFiles(world, call)
  storeCallObjects(world, call, seen)
  return call.callId
}
