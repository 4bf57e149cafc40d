/** The sink's folder, as `check` and `setup` see it. Neither takes the lock, so both work beside a running worker. */
import { accessSync, constants, existsSync, mkdirSync, statfsSync, statSync } from "node:fs"
import { dirname, join } from "node:path"
import type { Source } from "@callstream/core"
import { troubleOf } from "./Trouble.ts"

/** Less free space than this is worth a word, bytes. */
const littleSpace = 1024 ** 3

/** Whether the folder can be written, or made, and how much room there is. Writes nothing. */
export const checkFolder = (folder: string): ReadonlyArray<Source.CheckLine> => {
  const there = existsSync(folder)
  const nearest = there ? folder : nearestParent(folder)
  try {
    if (!statSync(nearest).isDirectory()) {
      return [{ subject: "folder", ok: false, detail: `${nearest} is not a folder. Choose another path.` }]
    }
    accessSync(nearest, constants.W_OK | constants.X_OK)
    const { bavail, bsize } = statfsSync(nearest)
    const free = bavail * bsize
    return [
      {
        subject: "folder",
        ok: true,
        detail: there ? `${folder} can be written` : `${folder} will be made at the start`
      },
      {
        subject: "space",
        ok: free >= littleSpace,
        detail: `${Math.floor(free / 1024 ** 2)} MiB free${free >= littleSpace ? "" : ". Free some: a full disk stops this sink."}`
      }
    ]
  } catch (error) {
    const { reason } = troubleOf(error)
    return [
      {
        subject: "folder",
        ok: false,
        detail: `${nearest} cannot be written (${reason}). Give it to the user that runs callstream, or choose another path.`
      }
    ]
  }
}

/** Makes the folder for its owner only; says what was, or would be, done. */
export const setUpFolder = (folder: string, dryRun: boolean): ReadonlyArray<string> => {
  const events = join(folder, "events")
  if (existsSync(events)) return [`${folder} is there.`]
  if (dryRun) return [`Would make ${folder}.`]
  mkdirSync(events, { recursive: true, mode: 0o700 })
  return [`Made ${folder}.`]
}

const nearestParent = (path: string): string => {
  const parent = dirname(path)
  return existsSync(parent) || parent === path ? parent : nearestParent(parent)
}
