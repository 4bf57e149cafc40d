/** Writes `schemas/*.schema.json` from the event types, and removes those that no type has. */
import { mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs"
import { folder, schemaFiles } from "./schemaFiles.ts"

mkdirSync(folder, { recursive: true })
for (const name of readdirSync(folder)) if (!schemaFiles.has(name)) rmSync(new URL(name, folder))
for (const [name, schema] of schemaFiles) {
  writeFileSync(new URL(name, folder), `${JSON.stringify(schema, null, 2)}\n`)
}
