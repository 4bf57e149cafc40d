// The objects in Cloud Storage that hang on one call of the contact center. Tags and delays as in the samples of "Cloud
// Storage Service Objects" (read 2026-11-20): derived objects come minutes after their source, a voice mail up to 57 days
// later.
import * as Bodies from "./Bodies.ts"
import type { Part, PhoneCall } from "./ContactCenter.ts"
import { agentTag, sharedBy, storeDerived } from "./Derived.ts"
import { store, tagsOf } from "./Objects.ts"
import { random } from "./Random.ts"
import { tenant } from "./Staff.ts"
import { storeSurvey, storeVoicemail } from "./Survey.ts"
import { compactUtc } from "./Time.ts"
import type { World } from "./World.ts"

const recordingTags = (call: PhoneCall, part: Part) => ({
  callId: call.callId,
  ipbxid: part.agent.pbx.name,
  address: call.caller.name,
  agentId: agentTag(call.r, part.agent.id),
  branchId: part.agent.branchId,
  calleeId: call.kind === "outbound" ? call.caller.number : call.queue.dialed,
  callerId: call.kind === "outbound" ? call.queue.dialed : call.caller.number,
  duration: String(Math.round(part.durationMs / 1000) * 1000),
  mediaUrl: part.media,
  tenantId: tenant,
  agentName: part.agent.name,
  direction: call.kind === "outbound" ? "OUTBOUND" : "INBOUND",
  queueName: call.kind === "queued" ? call.queue.name : "",
  startTime: String(part.startedAt),
  calleeName: call.kind === "outbound" ? call.caller.name : part.agent.name,
  callerName: call.kind === "outbound" ? part.agent.name : call.caller.name,
  channelName: call.queue.channelName,
  queueNumber: call.kind === "queued" ? call.queue.number : "",
  holdDuration: String(call.holdMs),
  callSnippetId: "",
  transactionId: part.transactionId,
  extensionNumber: part.agent.extension,
  billingTelephoneNumber: "14405550100"
})

const storeRecording = (world: World, call: PhoneCall, part: Part, index: number) => {
  const { r } = call
  const name = `${call.name} recording ${index}`
  const end = part.startedAt + part.durationMs
  const shared = sharedBy(world, call, name)
  const tags = recordingTags(call, part)
  const createdAt = world.after(end, r.int(10, 25) * 1000)
  const id = store(world, {
    ...shared,
    name,
    type: "callcenterrecording",
    mimeType: "audio/mpeg",
    objectName: `${call.callId}.mp3`,
    tags: tagsOf(tags),
    body: () => Bodies.audio(random(world.seed, "audio", name)),
    createdAt,
    updatedAt: world.after(createdAt, r.int(0, 51) * 1000),
    multipart: r.chance(0.3)
  })
  const from = part.startedAt - (call.parts[0]?.startedAt ?? 0)
  const last = index === call.parts.length - 1
  const utterances = call.conversation.utterances
    .filter(({ startMs }) => startMs >= from && (last || startMs < from + part.durationMs))
    .map(({ endMs, speaker, startMs, text }) => ({ speaker, text, startMs: startMs - from, endMs: endMs - from }))
  const { conversation } = call
  const source = { id, type: "callcenterrecording", createdAt }
  const { callId } = call
  storeDerived(world, { name, callId, r, shared, source, tags, conversation, utterances, analysed: true })
  if (r.chance(0.15)) storeScreen(world, call, part, name)
}

const storeScreen = (world: World, call: PhoneCall, part: Part, name: string) => {
  const createdAt = world.after(part.startedAt + part.durationMs, call.r.int(3, 20) * 1000)
  store(world, {
    ...sharedBy(world, call, name),
    name: `${name} screen`,
    type: "screenrecording",
    mimeType: "video/mp4",
    objectName: `${call.callId}.mp4`,
    tags: tagsOf({
      callId: call.callId,
      agentId: part.agent.id,
      duration: String(Math.round(part.durationMs / 1000) * 1000),
      tenantId: tenant,
      startTime: String(part.startedAt),
      startedBy: "vcc-agui",
      identifier: `NA12_${tenant}`,
      transactionId: part.transactionId,
      recording_start_time: compactUtc(part.startedAt)
    }),
    body: () => Bodies.audio(random(world.seed, "screen", name)),
    createdAt,
    updatedAt: world.after(createdAt, 6000)
  })
}

const storeNotes = (world: World, call: PhoneCall, part: Part) => {
  const wrapUp = Math.max(0, call.startedAt + 135_000 - call.endedAt)
  const updatedAt = world.after(call.endedAt, wrapUp + call.r.int(0, 60) * 1000)
  store(world, {
    ...sharedBy(world, call, `${call.name} notes`),
    name: `${call.name} notes`,
    type: "agentnotes",
    mimeType: "text/plain",
    objectName: `${call.callId}.agentnotes`,
    tags: tagsOf({ callId: call.callId, ipbxid: part.agent.pbx.name, tenantId: tenant }),
    body: () => Bodies.agentNote(world.knobs, random(world.seed, "notes", call.name)),
    createdAt: world.after(call.startedAt, 0),
    updatedAt,
    visibleAt: updatedAt
  })
}

/** Kinds of objects that no document describes; users have seen both. Tags are absent, or repeated, or empty. */
const storeOddity = (world: World, call: PhoneCall) => {
  const waveform = call.r.chance(0.5)
  const name = `${call.name} oddity`
  store(world, {
    ...sharedBy(world, call, name),
    name,
    type: waveform ? "waveform" : "calladditionalfields",
    mimeType: "application/json",
    objectName: waveform ? `${call.callId}.wave` : call.callId,
    tags: waveform
      ? undefined
      : [
          { key: "callId", value: call.callId },
          { key: "field", value: "colour" },
          { key: "field", value: "size" },
          { key: "note", value: "" }
        ],
    body: () => Buffer.from(waveform ? "[0,3,9,4,0]" : '{"fields":{"colour":"blue","size":null}}'),
    createdAt: world.after(call.endedAt, call.r.int(20, 200) * 1000)
  })
}

/** Plans all objects of a call. `rowSeen` is when its Recent Calls row appears. */
export const storeCallObjects = (world: World, call: PhoneCall, rowSeen: number): void => {
  const [part] = call.parts
  if (part === undefined) {
    if (call.r.chance(0.5)) storeVoicemail(world, call)
    return
  }
  call.parts.forEach((each, index) => storeRecording(world, call, each, index))
  if (call.r.chance(0.3)) storeSurvey(world, call, part, rowSeen)
  if (call.r.chance(0.25)) storeNotes(world, call, part)
  if (call.r.chance(0.04)) storeOddity(world, call)
}
