import { assert, describe, it } from "@effect/vitest"
import { Effect, Redacted } from "effect"
import { Credentials } from "@callstream/core"

const secretOf = (text: string) => {
  const file = { text, missing: false }
  const settings = { user: "reader", token: Redacted.make(text) }
  Credentials.from(settings, "token", () => {
    if (file.missing) throw new Error("the file does not exist")
    return file.text
  })
  return { file, settings }
}

describe("Credentials", () => {
  it.effect("are read again from their files, and stay what they were where that is not possible", () =>
    Effect.gen(function* () {
      const { file, settings } = secretOf("old")
      assert.deepStrictEqual(
        [Credentials.value(settings, "user"), Credentials.value(settings, "token")],
        ["reader", "old"]
      )
      assert.isFalse(yield* Credentials.renew(settings))
      file.text = ""
      assert.isFalse(yield* Credentials.renew(settings))
      file.missing = true
      assert.isFalse(yield* Credentials.renew(settings))
      assert.strictEqual(Credentials.value(settings, "token"), "old")
      file.missing = false
      file.text = "new"
      assert.isTrue(yield* Credentials.renew(settings))
      assert.strictEqual(Credentials.value(settings, "token"), "new")
      assert.isFalse(yield* Credentials.renew(settings))
      assert.isFalse(yield* Credentials.renew({ token: Redacted.make("from no file") }))
    })
  )

  it.effect("that are refused are tried again only if there are others", () =>
    Effect.gen(function* () {
      const { file, settings } = secretOf("old")
      const asked: Array<string> = []
      const ask = Effect.sync(() => {
        const token = Credentials.value(settings, "token")
        asked.push(token)
        return token === "good"
      })
      const insist = Credentials.insist(settings, ask, (good) => !good)
      assert.isFalse(yield* insist)
      file.text = "wrong too"
      assert.isFalse(yield* insist)
      file.text = "good"
      assert.isTrue(yield* insist)
      assert.deepStrictEqual(asked, ["old", "old", "wrong too", "wrong too", "good"])
    })
  )

  it.effect("that others have read again meanwhile are tried too", () =>
    Effect.gen(function* () {
      const { file, settings } = secretOf("old")
      const ask = Effect.gen(function* () {
        const token = Credentials.value(settings, "token")
        yield* Effect.yieldNow
        return token === "good"
      })
      file.text = "good"
      const three = Array.from({ length: 3 }, () => Credentials.insist(settings, ask, (good) => !good))
      assert.deepStrictEqual(yield* Effect.all(three, { concurrency: 3 }), [true, true, true])
    })
  )

  it.effect("that take the place of others are told to who masks them", () =>
    Effect.gen(function* () {
      const { file, settings } = secretOf("old")
      const told: Array<string> = []
      const end = Credentials.onRenewal((secret) => void told.push(secret))
      file.text = "new"
      yield* Credentials.renew(settings)
      end()
      file.text = "newer"
      yield* Credentials.renew(settings)
      assert.deepStrictEqual(told, ["new"])
    })
  )
})
