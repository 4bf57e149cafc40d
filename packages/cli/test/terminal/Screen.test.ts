import { assert, describe, it } from "@effect/vitest"
import * as Screen from "../../src/terminal/Screen.ts"

const recorder = (isTerminal: boolean) => {
  const written: Array<string> = []
  return { written, screen: Screen.make({ write: (text) => void written.push(text), isTerminal, columns: () => 80 }) }
}

describe("screen", () => {
  it("redraws its last lines in place, and lets others scroll above them", () => {
    const { screen, written } = recorder(true)
    screen.show(["one", "two"])
    screen.show(["uno", "due"])
    screen.write("a log line\n")
    screen.show([])
    screen.write("after\n")
    assert.deepStrictEqual(written, [
      "one\ntwo\n",
      "\u001b[2A\r\u001b[Juno\ndue\n",
      "\u001b[2A\r\u001b[Ja log line\nuno\ndue\n",
      "\u001b[2A\r\u001b[J",
      "after\n"
    ])
  })

  it("shows nothing where there is no terminal", () => {
    const { screen, written } = recorder(false)
    screen.show(["one"])
    screen.write("a log line\n")
    assert.deepStrictEqual(written, ["a log line\n"])
  })
})
