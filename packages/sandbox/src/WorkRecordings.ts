// The recording of a Work call, and its two transcripts, in Cloud Storage. `createdTime` is the call's start, unlike for
// contact-center recordings. Source: "Work Call Recording", read 2026-11-20.
import * as Bodies from "./Bodies.ts"
import type { Conversation } from "./Conversations.ts"
import { bucketId, store, tagsOf } from "./Objects.ts"
import { random } from "./Random.ts"
import type { WorkCall } from "./WorkCalls.ts"
import type { World } from "./World.ts"

/** Plans the recording, and for users with Conversation IQ one transcript per speaker. */
export const storeWorkRecording = (world: World, call: WorkCall, conversation: Conversation): void => {
  const { callId, outside, pbx, r, user } = call
  const name = `${call.name} callrecording`
  const join = `${pbx.name}/${callId}`
  const bucket = bucketId(world, join, name)
  const number = `+${outside.number}`
  const objectName = `ipbx:${pbx.name}:callrecording:users:${user.extension}:${call.talkFrom}-${callId}-${user.extension}-${number}_E`
  const shared = { region: pbx.region, bucketId: bucket, userId: user.id.replace(/^ag/, ""), conversation: join }
  const tags = {
    guid: bucket,
    pbxId: pbx.id,
    callId,
    ipbxid: pbx.name,
    address: number,
    endTime: String(call.talkTo),
    branchId: user.branchId,
    duration: String(Math.floor((call.talkTo - call.talkFrom) / 1000) * 1000),
    userName: user.name,
    callLogId: `${user.extensionId}${callId}`,
    direction: call.outgoing ? "OUTBOUND" : "INBOUND",
    startTime: String(call.talkFrom),
    userEmail: user.email,
    extensionId: user.extensionId,
    extensionNumber: user.extension
  }
  const uploaded = world.after(call.talkTo, r.int(4, 60) * 1000)
  const id = store(world, {
    ...shared,
    name,
    type: "callrecording",
    mimeType: "audio/mpeg",
    objectName: `${objectName}.mp3`,
    tags: tagsOf({ ...tags, "media-processed": "true" }),
    body: () => Bodies.audio(random(world.seed, "audio", name)),
    createdAt: Math.max(world.after(call.talkFrom, 0), world.earliest),
    updatedAt: uploaded,
    visibleAt: uploaded
  })
  if (!r.chance(0.7)) return
  const seconds = Math.max(1, Math.round((call.talkTo - call.talkFrom) / 1000))
  for (const speaker of ["owner", "external"] as const) {
    const side = speaker === "owner" ? "agent" : "caller"
    const createdAt = world.after(uploaded, r.int(30, 120) * 1000)
    const utterances = conversation.utterances.filter((utterance) => utterance.speaker === side)
    store(world, {
      ...shared,
      name: `${name} ${speaker}`,
      type: "transcription",
      mimeType: "application/json",
      objectName: `${objectName}_${speaker}.json`,
      tags: tagsOf({
        ...tags,
        duration: String(seconds),
        result: "ok",
        language: "en-US",
        provider: "voci",
        speaker,
        sourceId: id,
        sourceObjectType: "callrecordingchannel"
      }),
      body: () => Bodies.transcription(world.knobs, random(world.seed, "body", name, speaker), utterances),
      createdAt,
      updatedAt: world.after(createdAt, r.int(1, 6) * 1000)
    })
  }
}
