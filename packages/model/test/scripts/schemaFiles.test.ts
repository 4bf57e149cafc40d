import { readdirSync, readFileSync } from "node:fs"
import { assert, describe, it } from "@effect/vitest"
import { command, folder, schemaFiles } from "../../scripts/schemaFiles.ts"

describe("schemas", () => {
  it("has a file for each event type and no other", () => {
    assert.deepStrictEqual(readdirSync(folder).toSorted(), [...schemaFiles.keys()].toSorted(), `Run: ${command}`)
  })

  // Blanks are the formatter's; what is said, and in which order, is ours.
  it.each([...schemaFiles])("%s is what the code says", (name, schema) => {
    const written: unknown = JSON.parse(readFileSync(new URL(name, folder), "utf8"))
    assert.strictEqual(
      JSON.stringify(written, null, 2),
      JSON.stringify(schema, null, 2),
      `The schema in the repository differs from the code. Run: ${command}`
    )
  })
})
