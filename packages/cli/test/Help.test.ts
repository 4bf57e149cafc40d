import { readFileSync, writeFileSync } from "node:fs"
import { assert, describe, it } from "@effect/vitest"
import { commands, type CommandName } from "../src/CommandTable.ts"
import * as Help from "../src/Help.ts"

/** All help there is. `UPDATE_GOLDEN=1` writes it anew. */
const golden = new URL("fixtures/help.txt", import.meta.url)

describe("help", () => {
  it("reads as the golden text does", () => {
    const names = Object.keys(commands) as ReadonlyArray<CommandName>
    const text = [Help.general("1.2.3"), ...names.map(Help.ofCommand)].join(`\n${"-".repeat(100)}\n\n`)
    if (process.env["UPDATE_GOLDEN"] !== undefined) writeFileSync(golden, text)
    assert.strictEqual(text, readFileSync(golden, "utf8"))
  })

  it("keeps its lines short", () => {
    for (const line of readFileSync(golden, "utf8").split("\n")) assert.isAtMost(line.length, 100, line)
  })
})
