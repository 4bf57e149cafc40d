import { assert, describe, it } from "@effect/vitest"
import * as Screen from "../../src/terminal/Screen.ts"

const recorder = (isTerminal: boolean, rows = 24) => {
  const written: Array<string> = []
  const write = (text: string) => void written.push(text)
  return {
    written,
    screen: Screen.make({ write, isTerminal, colors: isTerminal, columns: () => 80, rows: () => rows })
  }
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

  it("shows no more lines than the terminal can redraw", () => {
    const { screen, written } = recorder(true, 4)
    screen.show(["one", "two", "three"])
    screen.show(["one", "two", "three", "four", "five"])
    assert.deepStrictEqual(written, [
      "one\ntwo\nthree\n",
      "\u001b[3A\r\u001b[Jone\ntwo\n… and 3 lines more, for which the terminal is too low\n"
    ])
  })

  it("lets nobody's text command the terminal", () => {
    const { screen, written } = recorder(true)
    screen.write("a \u001b[1;33mfound\u001b[0m word, \u001b]0;title\u0007 \u001b[8mhidden\r\u009b2J\tend\n")
    screen.show(["refused:\n\u001b[2Jgone"])
    assert.deepStrictEqual(written, [
      "a \u001b[1;33mfound\u001b[0m word, �]0;title� �[8mhidden��2J\tend\n",
      "refused: �[2Jgone\n"
    ])
    const elsewhere = recorder(false)
    elsewhere.screen.write("as it is\u001b[2J\r\n")
    assert.deepStrictEqual(elsewhere.written, ["as it is\u001b[2J\r\n"])
  })
})
