// Chats of the contact center: a row of Recordings' transcripts with its messages, and at times the object that Cloud
// Storage keeps of it.
import * as Bodies from "./Bodies.ts"
import type { When } from "./ContactCenter.ts"
import { forChat, lengthOf } from "./Conversations.ts"
import { bucketId, store, tagsOf } from "./Objects.ts"
import { random } from "./Random.ts"
import type { ChatTranscript } from "./Records.ts"
import { interactionGuid, staff, stranger, tenant } from "./Staff.ts"
import type { World } from "./World.ts"

/** Makes a chat and plans all that will be known of it. Gives its interaction GUID. */
export const makeChat = (world: World, name: string, when: When): string => {
  const r = random(world.seed, "chat", name)
  const { agents, queues } = staff(world.seed)
  const agent = r.pick(agents)
  const queue = r.pick(queues)
  const contact = stranger(r)
  const conversation = forChat(r)
  const pace = 2 + r.next() * 2
  const length = Math.round(lengthOf(conversation) * pace)
  const startedAt = Math.floor(("startedAt" in when ? when.startedAt : when.endedAt - length) / 1000) * 1000
  const guid = interactionGuid(r, startedAt, "chat")
  const [first, ...rest] = agent.name.split(" ")
  const row = {
    agentID: agent.id,
    agentName: `${rest.join(" ")},${first}`,
    contactID: `guest_at_${tenant}@chat.acme.example/CtlGuest${r.text(32)}`,
    contactName: contact.name === "" ? "Guest" : contact.name,
    queueID: queue.id,
    queueName: `${queue.name} chat`,
    channelID: queue.channelId,
    channelName: `${queue.channelName} chat`,
    caseID: r.chance(0.5) ? r.digits(5) : "0",
    targetIP: `10.191.${r.int(0, 255)}.${r.int(1, 254)}`,
    transactionID: String(world.nextTransaction()),
    interactionGUID: guid,
    transcriptType: "A2C",
    duration: String(Math.round(length / 1000))
  }
  const transcript: ChatTranscript = {
    startedAt,
    endedAt: startedAt + length,
    row,
    metaData: [
      { fieldName: "Topic", fieldValue: conversation.topic },
      { fieldName: "Page they came from", fieldValue: r.pick(["/help", "/pricing?plan=a&b", "/account"]) }
    ].slice(0, r.int(0, 2)),
    messages: conversation.utterances.map((utterance) => ({
      at: startedAt + Math.floor((utterance.startMs * pace) / 1000) * 1000,
      messageFrom: utterance.speaker === "agent" ? "A" : "C",
      originalLanguage: "en",
      originalMessage: utterance.text,
      translatedLanguage: "",
      translatedMessage: ""
    }))
  }
  const seen = world.after(transcript.endedAt, r.int(60, 180) * 1000)
  world.plan(seen, () => world.transcripts.put(transcript))
  if (world.knobs.transcriptsPerTransaction) {
    const again = { ...row, transactionID: String(world.nextTransaction()) }
    world.plan(seen, () => world.transcripts.put({ ...transcript, row: again }))
  }
  if (r.chance(0.5)) {
    const createdAt = world.after(seen, r.int(10, 60) * 1000)
    store(world, {
      name: `${name} chattranscription`,
      region: agent.pbx.region,
      type: "chattranscription",
      mimeType: "application/json",
      objectName: `${guid}.json`,
      userId: agent.id.replace(/^ag/, ""),
      bucketId: bucketId(world, guid, name),
      tags: tagsOf({ callId: guid, tenantId: tenant, agentId: agent.id, result: "ok", language: "en-US" }),
      body: () => Bodies.transcription(world.knobs, random(world.seed, "chat body", name), conversation.utterances),
      createdAt,
      updatedAt: world.after(createdAt, 4000),
      conversation: guid
    })
  }
  return guid
}
