/** The source at work under the real runner. */
import type { RequestListener } from "node:http"
import { Effect } from "effect"
import type { CallLeg, CallRecord, Sandbox, SandboxOptions, WorkValue } from "@callstream/sandbox"
import { plugin } from "@callstream/source-workanalytics"
import { farSide, makeRig, type Rig, type Settings, timing } from "@callstream/testkit"

/** Settings that reach the sandbox, in small pages, of a file that reads as fast as may be. */
export const settingsOf = ({ baseUrls, credentials }: Sandbox): Settings => ({
  ...timing,
  baseUrl: baseUrls.workanalytics,
  ...credentials.workanalytics,
  pageSize: 5
})

/** Everything is read once. */
export const once: Settings = { poll: "1 h", lookback: [] }

/** A company of nobody, unless said otherwise; `changed` are settings. */
export const rigOf = (options: SandboxOptions = {}, changed: Settings = {}) =>
  makeRig(plugin, (sandbox) => ({ ...settingsOf(sandbox), ...changed }), { calls: 0, ...options })

/** A call that lasts a minute unless said otherwise; `row` are fields of the vendor's. */
export const recordOf = (
  startedAt: number,
  more: Partial<CallRecord> = {},
  row: Readonly<Record<string, WorkValue>> = {}
): CallRecord => ({
  pbx: "acmecorp",
  callId: String(1_635_571_048_000 + (Math.floor(startedAt / 1000) % 1_000_000_000)),
  startedAt,
  connectedAt: startedAt + 2000,
  disconnectedAt: startedAt + 60_000,
  ...more,
  row: { caller: "+15551234567", callee: "120088", direction: "Incoming", callTime: 60_000, callLegCount: "1", ...row }
})

/** A leg of it. */
export const legOf = (record: CallRecord, legId: string, row: Readonly<Record<string, WorkValue>> = {}): CallLeg => {
  const { callLegCount: _, ...shared } = record.row
  return { ...record, legId, row: { ...shared, status: "Completed", cause: "Normal", lraType: 0, ...row } }
}

/** Puts so many calls there, a minute apart, on one PBX. */
export const putCalls = ({ sandbox }: Rig, count: number, from = Date.UTC(2026, 10, 18, 9), pbx = "acmecorp"): void => {
  for (let i = 0; i < count; i++) sandbox.company.putCallRecord(recordOf(from + i * 60_000, { pbx }))
}

/** What exists and did not arrive. */
export const missing = ({ sandbox, sink }: Rig): ReadonlyArray<string> => {
  const held = new Set([...sink.held.values()].map(({ subject }) => subject))
  const there = [...sandbox.records("workanalytics/call-records"), ...sandbox.records("workanalytics/call-legs")]
  return there.map(({ key, partition }) => `${partition}/${key}`).filter((subject) => !held.has(subject))
}

/** Reads everything that there is. */
export const readAll = (rig: Rig, changed: Settings = {}): ReturnType<Rig["run"]> =>
  rig.run({ settings: { ...settingsOf(rig.sandbox), ...once, ...changed } })

/** Requests for rows: path and parameters. */
export const asksOf = ({ sandbox }: Rig): ReadonlyArray<URL> =>
  sandbox.requests().flatMap(({ path }) => (path.includes("/v2/call-") ? [new URL(path, "http://x")] : []))

/** A far side of a test's own, which may leave requests unread; gives its base URL. */
export const baseOf = (answer: RequestListener) =>
  Effect.map(
    farSide((request, response) => {
      request.resume()
      answer(request, response)
    }),
    (url) => `${url}/analytics/work`
  )
