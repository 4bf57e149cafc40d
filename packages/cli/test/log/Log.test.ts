import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import * as Log from "../../src/log/Log.ts"
import * as Redaction from "../../src/log/Redaction.ts"

const logged = (format: "human" | "json", level: string, effect: Effect.Effect<void>) =>
  Effect.suspend(() => {
    const lines: Array<string> = []
    const redactor = Redaction.make()
    redactor.conceal(["s3cret"])
    const layer = Log.layer({ format, level, colors: false, write: (line) => void lines.push(line), redactor })
    return Effect.as(Effect.provide(effect, layer), lines)
  })

const something = Effect.logWarning("Sink files is new", { sink: "files", token: "s3cret", count: 5 }).pipe(
  Effect.andThen(Effect.logDebug("not shown")),
  Effect.andThen(Effect.logError("Bearer abcdefghijkl was refused by s3cret")),
  Effect.annotateLogs({ pipeline: "acme" })
)

describe("logs", () => {
  it.effect("are JSON objects a line for machines, masked", () =>
    Effect.gen(function* () {
      const lines = yield* logged("json", "info", something)
      const entries = lines.map((line): Readonly<Record<string, unknown>> => JSON.parse(line))
      assert.deepStrictEqual(
        entries.map((entry) => Object.fromEntries(Object.entries(entry).filter(([key]) => key !== "time"))),
        [
          { level: "WARN", message: "Sink files is new", pipeline: "acme", sink: "files", token: "***", count: 5 },
          { level: "ERROR", message: "Bearer *** was refused by ***", pipeline: "acme" }
        ]
      )
    })
  )

  it.effect("are lines for people, masked", () =>
    Effect.gen(function* () {
      const lines = yield* logged("human", "debug", something)
      assert.deepStrictEqual(
        lines.map((line) => line.replace(/^\d\d:\d\d:\d\d /, "")),
        [
          'WARN  Sink files is new pipeline="acme" sink="files" token="***" count=5\n',
          'DEBUG not shown pipeline="acme"\n',
          'ERROR Bearer *** was refused by *** pipeline="acme"\n'
        ]
      )
    })
  )
})
