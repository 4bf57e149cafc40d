/** Writes `docs/reference/` from the code, and removes pages that nothing stands behind any more. */
import { mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs"
import { folder, pages } from "./reference.ts"

const written = await pages()
mkdirSync(folder, { recursive: true })
for (const name of readdirSync(folder)) if (!written.has(name)) rmSync(new URL(name, folder))
for (const [name, text] of written) writeFileSync(new URL(name, folder), text)
