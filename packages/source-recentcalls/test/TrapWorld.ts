/** The source at work under the real runner. */
import type { RequestListener } from "node:http"
import { Effect } from "effect"
import type { RecentCall, Sandbox, SandboxOptions } from "@callstream/sandbox"
import { plugin } from "@callstream/source-recentcalls"
import { farSide, makeRig, type Rig, type Settings, timing } from "@callstream/testkit"

/** Settings that reach the sandbox, in small pages, of a file that reads as fast as may be. */
export const settingsOf = ({ baseUrls, credentials }: Sandbox): Settings => ({
  ...timing,
  baseUrl: baseUrls.recentcalls,
  ...credentials.recentcalls,
  rows: 5
})

/** Everything is read once. */
export const once: Settings = { poll: "1 h", lookback: [] }

/** A company of nobody, unless said otherwise; `changed` are settings. */
export const rigOf = (options: SandboxOptions = {}, changed: Settings = {}) =>
  makeRig(plugin, (sandbox) => ({ ...settingsOf(sandbox), ...changed }), { calls: 0, ...options })

/** A GUID with the instant inside. */
export const guidOf = (at: number, number = 0): string =>
  `int-${at.toString(16).padStart(11, "0")}-${String(number).padStart(25, "x")}-phone-00-acmecorp01`

/** A call of the vendor's own example, at another time. */
export const callOf = (startedAt: number, more: RecentCall["row"] = {}, number = 0): RecentCall => {
  const callId = guidOf(startedAt, number)
  return {
    callId,
    startedAt,
    holdCount: 0,
    muteCount: 0,
    channelId: "102",
    row: {
      callId,
      callDuration: "787015",
      queueId: "713",
      agentCallHandlingDuration: "753105.0",
      agentId: "agAD21EBR1RhuV2TNDivjzzz",
      muteDuration: 701,
      transferCount: "0.0",
      callType: "Inbound",
      callerName: "ACME CO",
      callerNumber: "8045550915",
      postCallSurvey: "[]",
      voiceComment: "{}",
      transactionId: "6264",
      tenantId: "acmecorp01",
      ...more
    }
  }
}

/** Puts so many calls there, a minute apart. */
export const putCalls = ({ sandbox }: Rig, count: number, from = Date.UTC(2026, 10, 18, 9)): void => {
  for (let i = 0; i < count; i++) sandbox.company.putCall(callOf(from + i * 60_000, {}, i))
}

/** The ids of all calls that exist, and of those that arrived. */
export const missing = ({ sandbox, sink }: Rig): ReadonlyArray<string> => {
  const held = new Set([...sink.held.values()].map(({ subject }) => subject))
  return sandbox.records("recentcalls/calls").flatMap(({ key }) => (held.has(key) ? [] : [key]))
}

/** Reads everything that there is. */
export const readAll = (rig: Rig, changed: Settings = {}): ReturnType<Rig["run"]> =>
  rig.run({ settings: { ...settingsOf(rig.sandbox), ...once, ...changed } })

/** A far side of a test's own, which may leave requests unread; gives its base URL. */
export const baseOf = (answer: RequestListener) =>
  Effect.map(
    farSide((request, response) => {
      request.resume()
      answer(request, response)
    }),
    (url) => `${url}/customerexperience/v1/recentCallData`
  )
