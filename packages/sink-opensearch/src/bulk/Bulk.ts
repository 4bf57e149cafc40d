/**
 * One write: its events in byte-bounded bulk requests, each judged, split where it has to be. The library's own bulk
 * helper is not used: it loses documents when a node pushes back.
 */
import { Effect } from "effect"
import { Failure, Sink } from "@callstream/core"
import type { Event } from "@callstream/model"
import type { Client } from "../Client.ts"
import { cut, encode, type Line, type Targets } from "./Encoder.ts"
import { filterPath, judge, type Obstacle, type Verdict } from "./Judgement.ts"

const endpoint = "POST /_bulk"

export interface BulkOptions {
  readonly maxBytes: number
  readonly gzip: boolean
  /** How long a shard is waited for at the far side, milliseconds; less than the client waits. */
  readonly shardTimeoutMs: number
}

/**
 * Writes events and answers by position. Fails when nothing at all was taken, so that the runner waits with all of it and
 * says why; where some were, the others are answered `later`.
 */
export const makeWrite = (client: Client, targets: Targets, options: BulkOptions): Sink.Sink["write"] => {
  const query = { filter_path: filterPath, require_alias: true, timeout: `${options.shardTimeoutMs}ms` }

  const send: (lines: ReadonlyArray<Line>) => Effect.Effect<ReadonlyArray<Verdict>, Failure.SinkFailure> =
    Effect.fnUntraced(function* (lines) {
      const body = lines.map(({ text }) => text).join("")
      const answered = yield* client.request("POST", "/_bulk", { lines: body, query, gzip: options.gzip })
      const outcome = judge(
        answered,
        lines.map(({ version }) => version),
        lines.reduce((sum, { bytes }) => sum + bytes, 0)
      )
      if ("verdicts" in outcome) return outcome.verdicts
      if ("obstacle" in outcome) return lines.map(() => outcome.obstacle)
      if ("strange" in outcome) {
        return yield* new Failure.Unavailable({ endpoint, reason: outcome.strange, status: answered.status })
      }
      if (lines.length < 2) return lines.map(() => Sink.refused(outcome.split))
      const half = lines.length >> 1
      return [...(yield* send(lines.slice(0, half))), ...(yield* send(lines.slice(half)))]
    })

  return Effect.fn("SinkOpenSearch.write")(function* (events) {
    const { lines, refused } = encode(events, targets)
    const verdicts = new Map<number, Verdict>(refused)
    for (const request of cut(lines, options.maxBytes)) {
      const given = yield* Effect.result(send(request))
      if (given._tag === "Failure") {
        // What was taken before stays taken; the next write fails as a whole, and says why.
        if ([...verdicts.values()].some(isAnswer)) break
        return yield* given.failure
      }
      for (const [i, { index }] of request.entries()) verdicts.set(index, given.success[i] ?? unanswered)
    }
    return yield* answersOf(events, verdicts)
  })
}

const unanswered: Obstacle = { kind: "busy", reason: "it was not sent" }

const isAnswer = (verdict: Verdict): verdict is Sink.Answer => "_tag" in verdict

/** Which obstacle is told of when there are several: the one that needs a person most. */
const weight = { rights: 3, setup: 2, blocked: 1, busy: 0 } as const

const answersOf = Effect.fnUntraced(function* (events: ReadonlyArray<Event>, verdicts: ReadonlyMap<number, Verdict>) {
  const found = events.map((_, index) => verdicts.get(index) ?? unanswered)
  const obstacles = found.flatMap((verdict) => (isAnswer(verdict) ? [] : [verdict]))
  const worst = obstacles.toSorted((a, b) => weight[b.kind] - weight[a.kind])[0]
  if (worst !== undefined && obstacles.length === found.length) return yield* failureOf(worst)
  return found.map((verdict): Sink.Answer =>
    isAnswer(verdict) ? verdict : { _tag: "later", reason: sentenceOf(verdict) }
  )
})

const sentenceOf = ({ reason, remedy }: Obstacle): string => (remedy === undefined ? reason : `${reason}: ${remedy}`)

const failureOf = (obstacle: Obstacle): Failure.SinkFailure =>
  obstacle.kind === "busy" || obstacle.kind === "blocked"
    ? new Failure.Unavailable({ endpoint, reason: sentenceOf(obstacle) })
    : new Failure.Denied({ endpoint, reason: obstacle.reason, remedy: obstacle.remedy ?? "", scope: "source" })
