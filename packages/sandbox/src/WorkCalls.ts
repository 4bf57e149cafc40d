// Calls of the two Work phone systems: a call record, its legs, and for some a recording with one transcript per speaker.
// Fields as in "Call Detail Records", the OpenAPI file's call-legs and 8x8-apis section 4.4 (read 2026-11-20).
import type { When } from "./ContactCenter.ts"
import { forVoice, lengthOf } from "./Conversations.ts"
import { random, type Random } from "./Random.ts"
import type { CallLeg, CallRecord, WorkValue } from "./Records.ts"
import { pbxes, staff, stranger, type Agent, type Pbx } from "./Staff.ts"
import { clockTime } from "./Time.ts"
import { storeWorkRecording } from "./WorkRecordings.ts"
import { keys, type World } from "./World.ts"

/** What becomes of a call. */
type Story = "answered" | "outgoing" | "voicemail" | "queue" | "abandoned" | "transfer"

const stories: ReadonlyArray<readonly [Story, number]> = [
  ["answered", 0.4],
  ["outgoing", 0.65],
  ["voicemail", 0.75],
  ["queue", 0.88],
  ["abandoned", 0.94],
  ["transfer", 1]
]

interface Leg {
  readonly startedAt: number
  readonly connectedAt: number
  readonly disconnectedAt: number
  readonly callee: string
  readonly calleeName: string
  readonly lraType: number
  readonly cause: string
  readonly service: readonly [string, string] | undefined
  readonly child: boolean
}

/** A Work call, before it becomes rows. */
export interface WorkCall {
  readonly name: string
  readonly pbx: Pbx
  readonly callId: string
  readonly user: Agent
  readonly outgoing: boolean
  readonly outside: { readonly name: string; readonly number: string }
  readonly talkFrom: number
  readonly talkTo: number
  readonly r: Random
}

/** The legs of a story, on a time line that begins at 0. */
const legsOf = (story: Story, r: Random, user: Agent, other: Agent, outside: string, talk: number) => {
  const ring = r.int(2000, 15_000)
  const wait = r.int(5000, 180_000)
  const leg = (from: number, connect: number, to: number, who: Agent | string, more: Partial<Leg> = {}): Leg => ({
    startedAt: from,
    connectedAt: connect,
    disconnectedAt: to,
    callee: typeof who === "string" ? who : who.extension,
    calleeName: typeof who === "string" ? "" : who.name,
    lraType: typeof who === "string" ? 2 : 1,
    cause: "Normal",
    service: undefined,
    child: false,
    ...more
  })
  const queue: Partial<Leg> = { calleeName: "Test Queue", lraType: 4, service: ["ACDOperatorService", "Custom"] }
  const voicemail: Partial<Leg> = { calleeName: user.name, lraType: 6, service: ["VMadvanced", "Custom"] }
  const lists: Readonly<Record<Story, ReadonlyArray<Leg>>> = {
    answered: [leg(6, ring, ring + talk, user)],
    outgoing: [leg(6, ring, ring + talk, outside)],
    voicemail: [
      leg(6, 0, 20_000, user, { cause: "Ring No Answer" }),
      leg(20_000, 20_040, 20_000 + r.int(4000, 40_000), `Voicemail (${user.extension})`, voicemail)
    ],
    queue: [
      leg(6, 200, wait + talk, "CallQueue", queue),
      leg(wait - 3000, wait, wait + talk, user, { child: true, cause: "Redirected" })
    ],
    abandoned: [leg(6, 203, wait, "CallQueue", queue)],
    transfer: [
      leg(6, ring, ring + Math.floor(talk / 2), user, { cause: "Transfer" }),
      leg(ring + Math.floor(talk / 2), ring + Math.floor(talk / 2) + 3000, ring + talk, other)
    ]
  }
  return lists[story]
}

const hold = (ms: number) => ({ calleeHoldDurationMS: ms, calleeHoldDuration: clockTime(ms) })

/** Caller and callee as both kinds of rows have them. */
const parties = (call: WorkCall, leg: Leg) => {
  const { outgoing, outside, r, user } = call
  const number = `+${outside.number}`
  const name = outside.name === "" ? r.pick(["", ".", outside.number]) : outside.name
  return {
    dnis: outgoing ? "" : call.pbx.number,
    caller: outgoing ? user.extension : number,
    callerName: outgoing ? user.name : name,
    callee: outgoing ? number : leg.callee,
    calleeName: outgoing ? name : leg.calleeName,
    direction: outgoing ? "Outgoing" : "Incoming",
    callerId: outgoing ? `${user.name},+${call.pbx.number}` : `${name},${number}`,
    calleeDisconnectOnHold: "",
    callerDisconnectOnHold: ""
  }
}

const outcome = (story: Story) => {
  const missed = story === "voicemail" || story === "abandoned"
  return {
    missed: missed ? "Missed" : "-",
    abandoned: story === "abandoned" ? "Abandoned" : "-",
    answered: missed ? "-" : "Answered"
  }
}

const disposition: Readonly<Record<Story, string>> = {
  answered: "Answered",
  outgoing: "Connected",
  voicemail: "Voicemail",
  queue: "Answered",
  abandoned: "Missed",
  transfer: "Answered"
}

/** The call record over some of the legs: of a transferred call the first row knows the first leg alone. */
const recordOf = (
  call: WorkCall,
  story: Story,
  startedAt: number,
  legs: readonly [Leg, ...Array<Leg>],
  shared: Readonly<Record<string, WorkValue>>
): CallRecord => {
  const [first] = legs
  const last = legs.at(-1) ?? first
  const talked = story !== "voicemail" && story !== "abandoned"
  const answered = legs.find((leg) => leg.lraType !== 4) ?? first
  const disconnectedAt = startedAt + last.disconnectedAt
  const talkTimeMS = talked ? last.disconnectedAt - answered.connectedAt : 0
  const waitTimeMS = first.lraType === 4 ? (talked ? answered.connectedAt : last.disconnectedAt) - first.connectedAt : 0
  const callTime = last.disconnectedAt
  return {
    pbx: call.pbx.name,
    callId: call.callId,
    startedAt,
    connectedAt: talked ? startedAt + answered.connectedAt : 0,
    disconnectedAt,
    row: {
      ...parties(call, first),
      aaDestination: null,
      talkTimeMS,
      talkTime: clockTime(talkTimeMS),
      ...outcome(story),
      answeredTime: 0,
      lastLegDisposition: disposition[story],
      callLegCount: String(legs.length),
      callTime,
      ringDuration:
        first.connectedAt === 0 ? first.disconnectedAt - first.startedAt : first.connectedAt - first.startedAt,
      abandonedTime: story === "abandoned" ? callTime : 0,
      ...hold(0),
      waitTimeMS,
      waitTime: clockTime(waitTimeMS),
      ...shared
    }
  }
}

const legOf = (
  call: WorkCall,
  story: Story,
  startedAt: number,
  leg: Leg,
  index: number,
  shared: Readonly<Record<string, WorkValue>>
): CallLeg => {
  const talkTimeMS = leg.connectedAt === 0 || leg.lraType === 4 ? 0 : leg.disconnectedAt - leg.connectedAt
  return {
    pbx: call.pbx.name,
    callId: call.callId,
    legId: String(index + 1),
    startedAt: startedAt + leg.startedAt,
    connectedAt: leg.connectedAt === 0 ? 0 : startedAt + leg.connectedAt,
    disconnectedAt: startedAt + leg.disconnectedAt,
    row: {
      talkTimeMS,
      talkTime: clockTime(talkTimeMS),
      ...parties(call, leg),
      lra: leg.lraType === 2 ? "" : leg.callee,
      parentCallId: leg.child ? call.callId : null,
      transferToCallId: null,
      status: "Completed",
      callerDeviceId: null,
      calleeDeviceId: null,
      callerDeviceModel: "",
      calleeDeviceModel: "",
      ...outcome(story),
      cause: leg.cause,
      callerSvcName: null,
      callerSvcType: null,
      calleeSvcName: leg.service?.[0] ?? null,
      calleeSvcType: leg.service?.[1] ?? null,
      lraType: leg.lraType,
      ...hold(0),
      recordServiceOn: "",
      bargeServiceOn: "",
      masterSlaveExts: "",
      propsLastPartyDisp: disposition[story],
      accountCode: "",
      aaPath: "",
      callTime: leg.disconnectedAt - leg.startedAt,
      ...shared
    }
  }
}

/** Rows appear 1 to 15 minutes after the end; a leg at times after its record; a transferred call changes once more. */
const planRows = (
  world: World,
  r: Random,
  story: Story,
  full: CallRecord,
  early: CallRecord,
  legs: ReadonlyArray<CallLeg>
) => {
  const transferred = story === "transfer"
  const seen = world.after(transferred ? early.disconnectedAt : full.disconnectedAt, r.int(60, 900) * 1000)
  const settled = transferred ? Math.max(seen, world.after(full.disconnectedAt, r.int(60, 3000) * 1000)) : seen
  world.plan(seen, () => world.callRecords.put(early))
  legs.forEach((leg, i) => {
    const at = transferred && i > 0 ? settled : world.after(seen, r.chance(0.2) ? r.int(10, 300) * 1000 : 0)
    world.plan(at, () => world.callLegs.put(leg))
  })
  if (transferred) {
    const key = keys.record(full.pbx, full.callId)
    world.plan(settled, () => world.callRecords.get(key) !== undefined && world.callRecords.put(full))
  }
}

/** Makes a Work call and plans all that will be known of it. Gives `<pbx>/<callId>`. */
export const makeWorkCall = (world: World, name: string, when: When, onPbx?: string): string => {
  const r = random(world.seed, "work", name)
  const pbx = pbxes.find((each) => each.name === onPbx) ?? (r.chance(0.65) ? pbxes[0] : pbxes[1])
  const users = staff(world.seed).agents.filter((agent) => agent.pbx === pbx)
  const user = r.pick(users)
  const other = r.pick(users.filter((each) => each !== user))
  const outside = stranger(r)
  const dice = r.next()
  const story = stories.find(([, below]) => dice < below)?.[0] ?? "answered"
  const conversation = forVoice(r)
  const [first, ...rest] = legsOf(story, r, user, other, `+${outside.number}`, lengthOf(conversation) + 1500)
  if (first === undefined) return ""
  const length = Math.max(first.disconnectedAt, ...rest.map((leg) => leg.disconnectedAt))
  const startedAt = "startedAt" in when ? when.startedAt : when.endedAt - length
  const talk = [first, ...rest].find((leg) => leg.lraType !== 4 && leg.connectedAt !== 0) ?? first
  const callId = world.nextCallId(pbx.name)
  const call: WorkCall = {
    name,
    pbx,
    callId,
    user,
    outgoing: story === "outgoing",
    outside,
    talkFrom: startedAt + talk.connectedAt,
    talkTo: startedAt + length,
    r
  }
  const shared = {
    sipCallId: `${r.int(1e8, 4e8)}_${r.int(1e8, 2e8)}@${pbx.address}`,
    departments: r.chance(0.2) ? null : [user.department],
    branches: r.chance(0.2) ? null : [user.branch]
  }
  const full = recordOf(call, story, startedAt, [first, ...rest], shared)
  const early = story === "transfer" ? recordOf(call, story, startedAt, [first], shared) : full
  const legs = [first, ...rest].map((leg, i) => legOf(call, story, startedAt, leg, i, shared))
  planRows(world, r, story, full, early, legs)
  if (story !== "voicemail" && story !== "abandoned" && r.chance(0.5)) storeWorkRecording(world, call, conversation)
  return `${pbx.name}/${callId}`
}
