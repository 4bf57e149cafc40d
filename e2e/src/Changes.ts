/** What happens at the vendor while a pipeline runs: one of each kind of change that all sinks have to show. */
import { randomInt } from "node:crypto"
import type { Sandbox } from "@callstream/sandbox"
import { fieldsOf } from "@callstream/testkit"

/** An object of a type, any of them. */
const anObject = (sandbox: Sandbox, type: string): readonly [region: string, id: string] => {
  const found = sandbox
    .records("storage/objects", { rows: true })
    .filter((truth) => truth.state === "AVAILABLE" && fieldsOf(truth)["type"] === type)
  const { key = "", partition = "" } = found[randomInt(found.length)] ?? {}
  return [partition, key]
}

let changes = 0

/** New calls and chats, changed tags and texts, a recording that is revoked, late surveys, another leg. */
export const changeThings = (sandbox: Sandbox, calls = 3): void => {
  const { company } = sandbox
  const change = `change ${++changes}`
  company.addCalls(calls)
  company.addChat()
  company.touchObject(...anObject(sandbox, "transcription"), { note: change })
  company.replaceContent(...anObject(sandbox, "summary"), JSON.stringify({ summary: change }))
  company.setObjectState(...anObject(sandbox, "callcenterrecording"), "REVOKED")
  company.setObjectState(...anObject(sandbox, "transcription"), "DELETED")
  const recent = sandbox.records("recentcalls/calls")
  company.changeCall(recent[randomInt(recent.length)]?.key ?? "", { totalScore: String(changes) })
  // One of the oldest: another leg of a call that has just ended would end in the future.
  const work = sandbox.records("workanalytics/call-records").slice(0, 10)
  const { key = "", partition = "" } = work[randomInt(work.length)] ?? {}
  company.addCallLeg(partition, key)
  const files = sandbox.records("recordings/files")
  company.changeFile(files[randomInt(files.length)]?.key ?? "", { row: { filename: `renamed/${changes}.au` } })
}
