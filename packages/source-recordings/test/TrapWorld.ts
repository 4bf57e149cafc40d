/** The source at work under the real runner, and far sides that no sandbox wants to be. */
import type { RequestListener } from "node:http"
import { Effect, Layer } from "effect"
import { FetchHttpClient } from "effect/http"
import { RateBudget } from "@callstream/core"
import { eventTypes } from "@callstream/model"
import type { RecordingFile, Sandbox, SandboxOptions } from "@callstream/sandbox"
import { plugin } from "@callstream/source-recordings"
import { farSide, makeRig, type Rig, type Settings, timing } from "@callstream/testkit"

/** Settings that reach the sandbox, of a file that reads as fast as may be. */
export const settingsOf = ({ baseUrls, credentials }: Sandbox): Settings => ({
  ...timing,
  baseUrl: baseUrls.recordings,
  ...credentials.recordings
})

/** A company of nobody, unless said otherwise; `changed` are settings. */
export const rigOf = (options: SandboxOptions = {}, changed: Settings = {}) =>
  makeRig(plugin, (sandbox) => ({ ...settingsOf(sandbox), ...changed }), { calls: 0, ...options })

/** One of the two lists only. */
export const filesOnly = { filters: { transcripts: { transactionID: "none" } } }

/** A recording of a made-up call; its second is that of its number unless said otherwise. */
export const fileOf = (
  number: number,
  more: { readonly startedAt?: number; readonly row?: Partial<RecordingFile["row"]> } = {}
): RecordingFile => {
  const startedAt = more.startedAt ?? Date.UTC(2026, 10, 18, 9) + number * 1000
  return {
    startedAt,
    endedAt: startedAt + 60_000,
    row: {
      agentID: "agBill",
      phoneNumber: "4155550123",
      channel: "8005550100",
      caseID: "0",
      duration: "60",
      filename: `S20261118/R2026111809${String(number).padStart(8, "0")}.wav`,
      queueID: "acme~~queue~~phone~~102",
      queueName: "Sales",
      accountNumber: "0",
      transactionID: String(number),
      extVar1: "0",
      extVar2: "0",
      outDialCode: "",
      ...more.row
    },
    wrapUpCodes: []
  }
}

/** Puts so many recordings there. */
export const putFiles = ({ sandbox }: Rig, count: number): void => {
  for (let i = 1; i <= count; i++) sandbox.company.putFile(fileOf(i))
}

/** The recordings that the sink holds, by subject. */
export const heldFiles = ({ sink }: Rig): ReadonlyArray<string> =>
  [...sink.held.values()].filter(({ type }) => type === eventTypes.recording.type).map(({ subject }) => subject)

/** What was asked of a list, in order: its query. */
export const queriesOf = ({ sandbox }: Rig, list: "files" | "transcripts"): ReadonlyArray<URLSearchParams> =>
  sandbox
    .requests()
    .filter(({ path }) => new RegExp(`/${list}[.?]`).test(path))
    .map(({ path }) => new URL(path, "http://x").searchParams)

/** A far side of a test's own; gives its base URL. */
export const baseOf = (answer: RequestListener) => Effect.map(farSide(answer), (url) => `${url}/api/recordings`)

/** Settings of a source of that far side. */
export const settingsAt = (baseUrl: string): Settings => ({
  baseUrl,
  tenant: "acme",
  token: "secret",
  rate: { perSecond: 10_000, concurrency: 8 },
  since: "2026-11-18"
})

export const services = Layer.merge(FetchHttpClient.layer, RateBudget.RateBudgets.layer)
