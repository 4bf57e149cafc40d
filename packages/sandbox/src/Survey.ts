// What a caller says after a call: the survey with its spoken comment, and the voice mail of one who gave up waiting.
import * as Bodies from "./Bodies.ts"
import type { Part, PhoneCall } from "./ContactCenter.ts"
import { agentTag, sharedBy, storeDerived } from "./Derived.ts"
import { bucketId, store, tagsOf } from "./Objects.ts"
import { random } from "./Random.ts"
import { interactionGuid, tenant } from "./Staff.ts"
import type { World } from "./World.ts"

/** A survey: its object, the change of the Recent Calls row, and at times a spoken comment with its transcript. */
export const storeSurvey = (world: World, call: PhoneCall, part: Part, rowSeen: number) => {
  const { callId, r } = call
  const name = `${call.name} survey`
  const shared = sharedBy(world, call, name)
  const result = Bodies.survey(random(world.seed, "survey", call.name))
  const createdAt = world.after(call.endedAt, r.int(5, 90) * 1000)
  const agentId = agentTag(r, part.agent.id)
  const tags = { pcsId: callId, callId, agentId, tenantId: tenant }
  store(world, {
    ...shared,
    name,
    type: "postcallsurvey",
    mimeType: "application/json",
    objectName: callId,
    tags: tagsOf(tags),
    body: () => Bodies.surveyBody(world.knobs, random(world.seed, "survey body", call.name), callId, agentId, result),
    createdAt,
    updatedAt: world.after(createdAt, 36_000)
  })
  const spoken = r.chance(0.4)
  const answers = JSON.stringify(result.answers)
  const broken = world.knobs.bodies === "garbage" && r.chance(0.3)
  const comment = `${callId}-q1.wav`
  world.plan(Math.max(rowSeen, world.after(createdAt, r.int(60, 600) * 1000)), () => {
    const recent = world.recentCalls.get(callId)
    if (recent === undefined) return
    const row = {
      ...recent.row,
      postCallSurvey: broken ? answers.slice(0, -9) : answers,
      totalScore: String(result.score),
      ...(spoken ? { voiceComment: JSON.stringify({ Q1: comment }), voiceCommentFileNames: comment } : {})
    }
    world.recentCalls.put({ ...recent, row })
  })
  if (!spoken) return
  const spokenAt = world.after(createdAt, 39_000)
  const commentTags = { ...tags, pcsQuestionNumber: "1" }
  const id = store(world, {
    ...shared,
    name: `${name} comment`,
    type: "voicecommentrecording",
    mimeType: "audio/wav",
    objectName: comment,
    tags: tagsOf({ ...commentTags, "transcription-processed": "true" }),
    body: () => Bodies.audio(random(world.seed, "comment", call.name)),
    createdAt: spokenAt,
    updatedAt: world.after(spokenAt, 3000)
  })
  const text = result.score > 10 ? "Thank you, that was great." : "Not good, my problem is still there."
  const utterances = [{ speaker: "caller" as const, text, startMs: 200, endMs: 2400 }]
  const source = { id, type: "voicecommentrecording", createdAt: spokenAt }
  const { conversation } = call
  const derived = { name: `${name} comment`, callId, r, shared, source, conversation, utterances, analysed: false }
  storeDerived(world, { ...derived, tags: commentTags })
}

/** A caller who gave up leaves a message; its object may come weeks later, and has a GUID of its own. */
export const storeVoicemail = (world: World, call: PhoneCall) => {
  const { r } = call
  const createdAt = world.after(call.endedAt, r.chance(0.3) ? r.int(1, 57) * 86_400_000 : r.int(30, 600) * 1000)
  const guid = interactionGuid(r, createdAt, "vmail")
  const name = `${call.name} voicemail`
  const shared = { ...sharedBy(world, call, name), bucketId: bucketId(world, guid, name) }
  const durationMs = r.int(5, 60) * 1000
  const tags = {
    callId: guid,
    ipbxid: "acmecorp",
    address: call.caller.name,
    agentId: "",
    branchId: "",
    calleeId: "",
    callerId: "",
    duration: String(durationMs),
    mediaUrl: `${r.uuid()}_${Math.floor(call.endedAt / 1000)}.wav`,
    tenantId: tenant,
    agentName: "",
    direction: "INBOUND",
    queueName: `${call.queue.name} Voice Mail`,
    startTime: String(createdAt),
    agentEmail: "",
    calleeName: "",
    callerName: call.caller.name,
    channelName: call.queue.dialed,
    queueNumber: call.queue.id,
    holdDuration: "",
    callSnippetId: "",
    transactionId: String(world.nextTransaction()),
    originalCallId: call.callId,
    extensionNumber: "",
    billingTelephoneNumber: ""
  }
  const own = { ...shared, conversation: guid }
  const id = store(world, {
    ...own,
    name,
    type: "callcentervoicemail",
    mimeType: "audio/mpeg",
    objectName: `${guid}.mp3`,
    tags: tagsOf(tags),
    body: () => Bodies.audio(random(world.seed, "voicemail", call.name)),
    createdAt,
    updatedAt: world.after(createdAt, 44_000)
  })
  const utterances = call.conversation.utterances.filter(({ speaker }) => speaker === "caller").slice(0, 3)
  const source = { id, type: "callcentervoicemail", createdAt }
  const { conversation } = call
  const derived = { name, callId: guid, r, shared: own, source, tags, conversation, utterances, analysed: false }
  storeDerived(world, derived)
}
