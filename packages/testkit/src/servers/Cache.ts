/**
 * What is fetched and prepared once per machine: a folder that many processes may fill at the same time. Each entry is
 * laid out aside and then renamed, so an entry is whole or absent.
 */
import { createHash } from "node:crypto"
import { existsSync } from "node:fs"
import { mkdir, mkdtemp, rename, rm } from "node:fs/promises"
import { homedir } from "node:os"
import { dirname, join } from "node:path"

/** CALLSTREAM_CACHE, else `callstream` in XDG's cache folder. */
export const cacheFolder = (environment: NodeJS.ProcessEnv = process.env): string => {
  const own = environment["CALLSTREAM_CACHE"]
  if (own !== undefined && own !== "") return own
  const xdg = environment["XDG_CACHE_HOME"]
  return join(xdg !== undefined && xdg !== "" ? xdg : join(homedir(), ".cache"), "callstream")
}

/** Sixteen characters that change with any of the parts. */
export const digest = (...parts: ReadonlyArray<unknown>): string =>
  createHash("sha256").update(JSON.stringify(parts)).digest("hex").slice(0, 16)

/** Makes the folder at `path` unless it is there. Of several builds at once one wins, and the others are thrown away. */
export const once = async (path: string, build: (folder: string) => Promise<void>): Promise<string> => {
  if (existsSync(path)) return path
  await mkdir(dirname(path), { recursive: true })
  const part = await mkdtemp(`${path}.part-`)
  try {
    await build(part)
    await rename(part, path).catch((error: unknown) => {
      if (!existsSync(path)) throw error
    })
  } finally {
    await rm(part, { recursive: true, force: true })
  }
  return path
}
