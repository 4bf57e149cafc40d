import { assert, describe, it } from "@effect/vitest"
import { Effect, Redacted } from "effect"
import { TestClock } from "effect/testing"
import { Login } from "@callstream/core"

const counting = () => {
  let logins = 0
  const login = Login.make(
    Effect.gen(function* () {
      yield* Effect.yieldNow
      return { token: Redacted.make(`token-${++logins}`), expiresInMs: 1_800_000 }
    })
  )
  return { login, logins: () => logins }
}

const token = (value: Redacted.Redacted) => Effect.succeed(Redacted.value(value))

describe("Login", () => {
  it.effect("logs in once for ten fibers at once", () =>
    Effect.gen(function* () {
      const { login, logins } = counting()
      const ask = login.with(token, () => false)
      const answers = yield* Effect.forEach(Array.from({ length: 10 }), () => ask, { concurrency: 10 })
      assert.deepStrictEqual([new Set(answers).size, logins()], [1, 1])
    })
  )

  it.effect("refreshes once for ten fibers whose token was refused", () =>
    Effect.gen(function* () {
      const { login, logins } = counting()
      const ask = login.with(token, (answer) => answer === "token-1")
      const answers = yield* Effect.forEach(Array.from({ length: 10 }), () => ask, { concurrency: 10 })
      assert.deepStrictEqual([new Set(answers), logins()], [new Set(["token-2"]), 2])
    })
  )

  it.effect("gives the second refusal to the asker", () =>
    Effect.gen(function* () {
      const { login, logins } = counting()
      assert.strictEqual(yield* login.with(token, () => true), "token-2")
      assert.strictEqual(logins(), 2)
    })
  )

  it.effect("renews a token a minute before its end", () =>
    Effect.gen(function* () {
      const { login } = counting()
      const ask = login.with(token, () => false)
      assert.strictEqual(yield* ask, "token-1")
      yield* TestClock.adjust("28 minutes")
      assert.strictEqual(yield* ask, "token-1")
      yield* TestClock.adjust("1 minute")
      assert.strictEqual(yield* ask, "token-2")
    })
  )
})
