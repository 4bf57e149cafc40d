/**
 * The day files: one event a line, in the order they came. Only what `search.db` knows the length of is there for good;
 * what stands after it is of a write that was never answered, and is cut off. Runs in the writer thread.
 */
import * as fs from "node:fs"
import { join } from "node:path"
import { promisify } from "node:util"
import type { Repair } from "./Messages.ts"
import { Refusal } from "./Trouble.ts"

const sync = promisify(fs.fdatasync)

/** Files kept open between writes. */
const keptOpen = 32

/** More than killed writes can leave behind, in bytes: the lengths are of another log, and nothing is cut. */
const mostCut = 256 * 1024 * 1024

const dayFile = /^(?:\d{4}-\d{2}-\d{2}|undated)\.jsonl$/

interface OpenFile {
  readonly fd: number
  /** Committed bytes. */
  readonly length: number
}

/** Lines on their way: durable once `synced`, kept once `commit` was called. */
export interface Appended {
  /** What the files' committed lengths become. */
  readonly lengths: ReadonlyMap<string, number>
  readonly synced: Promise<unknown>
  readonly commit: () => void
  /** Gives the space back; best effort, the next write cuts again. */
  readonly undo: () => void
}

export class EventLog {
  private readonly folder: string
  /** Committed length by file name. */
  private readonly lengths: Map<string, number>
  private readonly open = new Map<string, number>()

  constructor(folder: string, lengths: ReadonlyMap<string, number>) {
    this.folder = folder
    this.lengths = new Map(lengths)
  }

  /** Cuts every file to its committed length, and says what that was; to be called before the first `append`. */
  repair(): Repair {
    const sizes = new Map<string, number>()
    for (const name of fs.readdirSync(this.folder)) {
      if (dayFile.test(name)) sizes.set(name, fs.statSync(join(this.folder, name)).size)
    }
    const shortened = [...this.lengths]
      .filter(([name, length]) => (sizes.get(name) ?? 0) < length)
      .map(([name]) => name)
    for (const name of shortened) this.lengths.set(name, sizes.get(name) ?? 0)
    const surplus = [...sizes].filter(([name, size]) => size > this.lengthOf(name))
    const bytes = surplus.reduce((sum, [name, size]) => sum + size - this.lengthOf(name), 0)
    if (bytes > mostCut) {
      throw new Refusal("foreign", `search.db knows nothing of ${bytes} bytes of the event log beside it`)
    }
    let lines = 0
    for (const [name, size] of surplus) {
      const fd = openFile(join(this.folder, name))
      try {
        lines += countLines(fd, this.lengthOf(name), size)
        fs.ftruncateSync(fd, this.lengthOf(name))
        fs.fsyncSync(fd)
      } finally {
        fs.closeSync(fd)
      }
    }
    return { files: surplus.length, lines, bytes, shortened }
  }

  /** Appends texts to files, by name. */
  append(texts: ReadonlyMap<string, Uint8Array>): Appended {
    const lengths = new Map<string, number>()
    const files: Array<OpenFile> = []
    const undo = () => {
      for (const file of files) cut(file)
    }
    try {
      for (const [name, text] of texts) {
        const file = this.take(name)
        files.push(file)
        lengths.set(name, file.length + writeAll(file, text))
      }
      if ([...texts.keys()].some((name) => !this.lengths.has(name))) syncFolder(this.folder)
    } catch (error) {
      undo()
      throw error
    }
    return {
      lengths,
      synced: Promise.all(files.map(({ fd }) => sync(fd))),
      commit: () => {
        for (const [name, length] of lengths) this.lengths.set(name, length)
        this.closeBut(keptOpen)
      },
      undo
    }
  }

  close(): void {
    this.closeBut(0)
  }

  private lengthOf(name: string): number {
    return this.lengths.get(name) ?? 0
  }

  /** The file, cut back to its committed length; a new one where somebody removed it. */
  private take(name: string): OpenFile {
    let fd = this.open.get(name)
    if (fd !== undefined && fs.fstatSync(fd).nlink === 0) {
      this.open.delete(name)
      fs.closeSync(fd)
      fd = undefined
    }
    fd ??= openFile(join(this.folder, name))
    this.open.delete(name)
    this.open.set(name, fd)
    const { size } = fs.fstatSync(fd)
    const length = Math.min(size, this.lengthOf(name))
    if (size === 0) this.lengths.delete(name)
    if (size > length) fs.ftruncateSync(fd, length)
    return { fd, length }
  }

  /** Closes the files that were used longest ago. */
  private closeBut(kept: number): void {
    for (const [name, fd] of this.open) {
      if (this.open.size <= kept) return
      this.open.delete(name)
      fs.closeSync(fd)
    }
  }
}

/** Makes the names in a folder durable. */
export const syncFolder = (folder: string): void => {
  const fd = fs.openSync(folder, "r")
  try {
    fs.fsyncSync(fd)
  } finally {
    fs.closeSync(fd)
  }
}

/** Opens a file for its owner only; never through a link. */
const openFile = (path: string): number =>
  fs.openSync(path, fs.constants.O_RDWR | fs.constants.O_CREAT | fs.constants.O_NOFOLLOW, 0o600)

/** Writes at the committed end; a short write goes on until the system says why. */
const writeAll = ({ fd, length }: OpenFile, bytes: Uint8Array): number => {
  for (let done = 0; done < bytes.length;) {
    done += fs.writeSync(fd, bytes, done, bytes.length - done, length + done)
  }
  return bytes.length
}

const cut = ({ fd, length }: OpenFile): void => {
  try {
    fs.ftruncateSync(fd, length)
  } catch {
    // The next write finds the file longer than it should be.
  }
}

const newline = 10

/** Lines between two places, a half one among them. */
const countLines = (fd: number, from: number, to: number): number => {
  const bytes = Buffer.alloc(1024 * 1024)
  let lines = 0
  let last = newline
  for (let at = from; at < to;) {
    const read = fs.readSync(fd, bytes, 0, Math.min(bytes.length, to - at), at)
    if (read === 0) break
    for (let i = bytes.indexOf(newline); i !== -1 && i < read; i = bytes.indexOf(newline, i + 1)) lines++
    last = bytes[read - 1] ?? newline
    at += read
  }
  return last === newline ? lines : lines + 1
}
