// What is derived from something that was said, minutes after it: transcript, summary, sentiment; and what all objects of a
// contact-center call share. Tags and delays as in "Cloud Storage Service Objects" (read 2026-11-20).
import * as Bodies from "./Bodies.ts"
import type { PhoneCall } from "./ContactCenter.ts"
import type { Conversation } from "./Conversations.ts"
import { bucketId, store, tagsOf, type ObjectPlan } from "./Objects.ts"
import { random, type Random } from "./Random.ts"
import { tenant } from "./Staff.ts"
import type { World } from "./World.ts"

const bare = (agentId: string) => agentId.replace(/^ag/, "")

/** The agent's id as this tag has it: with its prefix or without. */
export const agentTag = (r: Random, agentId: string) => (r.chance(0.5) ? agentId : bare(agentId))

const regionOf = (call: PhoneCall) => call.parts[0]?.agent.pbx.region ?? "us-east"

/** What all objects of a call have in common. */
export type Shared = Pick<ObjectPlan, "region" | "bucketId" | "userId" | "conversation">

/** See `Shared`; the region is that of the first agent. */
export const sharedBy = (world: World, call: PhoneCall, name: string): Shared => ({
  region: regionOf(call),
  bucketId: bucketId(world, call.callId, name),
  userId: bare(call.parts[0]?.agent.id ?? "unassigned"),
  conversation: call.callId
})

/** Transcript, summary and sentiment of something that was said. `source` is the object they are made from. */
export const storeDerived = (
  world: World,
  options: {
    readonly name: string
    readonly callId: string
    readonly r: Random
    readonly shared: Shared
    readonly source: { readonly id: string; readonly type: string; readonly createdAt: number }
    readonly tags: Readonly<Record<string, string>>
    readonly conversation: Conversation
    readonly utterances: Conversation["utterances"]
    readonly analysed: boolean
  }
) => {
  const { analysed, callId, conversation, name, r, shared, source, utterances } = options
  const durationMs = utterances.at(-1)?.endMs ?? 0
  const at = world.after(source.createdAt, r.int(30, 120) * 1000)
  const seeded = (part: string) => random(world.seed, "body", name, part)
  const { agentName: _agentName, ...sourceTags } = options.tags
  const transcript = store(world, {
    ...shared,
    name: `${name} transcription`,
    type: "transcription",
    mimeType: "application/json",
    objectName: `${callId}.json`,
    tags: tagsOf({
      ...sourceTags,
      result: "ok",
      duration: String(Math.max(1, Math.round(durationMs / 1000))),
      language: "en-US",
      provider: "voci",
      sourceId: source.id,
      sourceObjectType: source.type
    }),
    body: () => Bodies.transcription(world.knobs, seeded("transcription"), utterances),
    createdAt: at,
    updatedAt: world.after(at, r.int(1, 6) * 1000)
  })
  if (!analysed) return
  const derived = { callId, tenantId: tenant, sourceObjectType: "transcription" }
  const summarised = world.after(at, r.int(20, 80) * 1000)
  store(world, {
    ...shared,
    name: `${name} summary`,
    type: "summary",
    mimeType: "application/json",
    objectName: `${callId}.json`,
    tags: tagsOf({
      ...derived,
      result: "ok",
      sourceObjectId: transcript,
      contentObjectType: "callcenterrecordingchannel"
    }),
    body: () => Bodies.summary(world.knobs, seeded("summary"), transcript, conversation, durationMs),
    createdAt: summarised,
    updatedAt: world.after(summarised, r.int(0, 6) * 1000)
  })
  store(world, {
    ...shared,
    name: `${name} sentimentScore`,
    type: "sentimentScore",
    mimeType: "application/json",
    objectName: `${callId}.json`,
    tags: tagsOf({
      ...derived,
      ipbxid: options.tags["ipbxid"] ?? "",
      contentObjectType: "callcenterrecordingchannel",
      sentimentProcessed: "true"
    }),
    body: () => Bodies.sentiment(world.knobs, seeded("sentiment"), utterances),
    createdAt: world.after(at, r.int(30, 100) * 1000)
  })
}
