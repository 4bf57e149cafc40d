import { assert, describe, it } from "@effect/vitest"
import { parse } from "../src/Arguments.ts"

const wrong = (...argv: ReadonlyArray<string>) => {
  const parsed = parse(argv)
  return parsed._tag === "wrong" ? parsed.message : parsed._tag
}

describe("arguments", () => {
  it("reads a command with its options and files", () => {
    assert.deepStrictEqual(parse(["run", "a.yaml", "--once", "--patience", "90 s", "b.yaml", "--listen=:9090"]), {
      _tag: "command",
      command: "run",
      positional: ["a.yaml", "b.yaml"],
      flags: {
        once: true,
        patience: 90_000,
        listen: ":9090",
        drain: 25_000,
        "fail-on-dead": false,
        "log-level": "info",
        "log-format": undefined,
        help: false
      }
    })
  })

  it("reads commands of two words", () => {
    const parsed = parse(["dead", "show", "12", "--file", "a.yaml"])
    assert.strictEqual(parsed._tag === "command" ? parsed.command : "", "dead show")
  })

  it("knows what asks for help, and for which command", () => {
    assert.deepStrictEqual(parse([]), { _tag: "help" })
    assert.deepStrictEqual(parse(["-h"]), { _tag: "help" })
    assert.deepStrictEqual(parse(["help", "run"]), { _tag: "help", command: "run" })
    assert.deepStrictEqual(parse(["dead", "list", "--help"]), { _tag: "help", command: "dead list" })
    assert.deepStrictEqual(parse(["--version"]), { _tag: "version" })
    assert.deepStrictEqual(parse(["version"]), { _tag: "version" })
  })

  it("says what is wrong in a sentence", () => {
    assert.deepStrictEqual(
      [
        wrong("rum"),
        wrong("--once"),
        wrong("run", "--onec"),
        wrong("run", "--patience", "soon"),
        wrong("run", "--once=yes"),
        wrong("check", "a", "b"),
        wrong("search"),
        wrong("schema", "x"),
        wrong("dead"),
        wrong("run", "--log-level", "loud"),
        wrong("search", "x", "--limit", "many"),
        wrong("run", "--listen"),
        wrong("run", "--toString=3"),
        wrong("constructor")
      ],
      [
        "There is no command rum. Did you mean run? See callstream --help.",
        "The command comes first, then its options: callstream run --once. See callstream --help.",
        "run has no option --onec. Did you mean --once? See callstream run --help.",
        "--patience wants a length of time such as 30s, 10min or 1h. See callstream run --help.",
        "--once takes no value. See callstream run --help.",
        "check takes one FILE, not 2. See callstream check --help.",
        "search wants a QUERY. See callstream search --help.",
        "schema takes no arguments, only options. See callstream schema --help.",
        "After dead comes one of: list, show, replay, drop. See callstream --help.",
        "--log-level wants one of debug, info, warn, error. See callstream run --help.",
        "--limit wants a whole number. See callstream search --help.",
        "--listen wants a value. See callstream run --help.",
        "run has no option --toString. See callstream run --help.",
        "There is no command constructor. See callstream --help."
      ]
    )
  })
})
