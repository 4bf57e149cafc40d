/**
 * The writer thread, seen from the stream: opened and closed with a scope, asked to write in between. A thread that died
 * is started again by the next write; what it had not answered failed, and goes again.
 */
import { Worker } from "node:worker_threads"
import { Effect } from "effect"
import { Failure } from "@callstream/core"
import type { Batch, Opened, Reply, Request, Spare, Trouble, Written } from "./Messages.ts"

/** Opens the folder for writing. Writes are done one after another, in the order they were asked for. */
export const openWriter = Effect.fn("Writer.open")(function* (folder: string) {
  const spares = new Spares()
  const asked = <A>(promise: () => Promise<A>): Effect.Effect<A, Failure.SinkFailure> =>
    Effect.tryPromise({
      try: promise,
      catch: (error) =>
        failureOf(folder, error instanceof ThreadFailed ? error.trouble : { kind: "other", reason: String(error) })
    })
  let thread = yield* asked(() => Thread.start(folder, spares))
  let starting: Promise<Thread> | undefined
  /** The thread, or the next one. */
  const alive = async (): Promise<Thread> => {
    if (!thread.ended) return thread
    starting ??= Thread.start(folder, spares).finally(() => (starting = undefined))
    thread = await starting
    return thread
  }
  yield* Effect.addFinalizer(() => Effect.promise(() => thread.close()))
  return {
    opened: thread.opened,
    take: (bytes: number): Spare => spares.take(bytes),
    write: (batch: Batch): Effect.Effect<Written, Failure.SinkFailure> =>
      asked(async () => (await alive()).write(batch))
  }
})

/** Memory that goes to the thread with a batch and comes back with its answer, so that none is thrown away each time. */
class Spares {
  private readonly held: Array<Spare> = []

  take(bytes: number): Spare {
    const place = this.held.findIndex(({ byteLength }) => byteLength >= bytes)
    return this.held.splice(place, place === -1 ? 0 : 1)[0] ?? new ArrayBuffer(Math.max(bytes, smallestSpare))
  }

  give(spare: Spare): void {
    if (spare.byteLength <= largestSpare && this.held.length < mostSpares) this.held.push(spare)
  }
}

const smallestSpare = 1024 * 1024
const largestSpare = 32 * 1024 * 1024
const mostSpares = 2

class ThreadFailed extends Error {
  readonly trouble: Trouble

  constructor(trouble: Trouble) {
    super(trouble.reason)
    this.trouble = trouble
  }
}

interface Waiting {
  readonly resolve: (reply: Reply) => void
  readonly reject: (failed: ThreadFailed) => void
}

/** Beside this file, in the same language: the source when this is the source, else what was made of it. */
const entry = new URL(import.meta.url.replace(/Writer(\.[a-z]+)$/u, "WriterThread$1"))

class Thread {
  ended = false
  opened: Opened = { id: "", repair: { files: 0, lines: 0, bytes: 0, shortened: [] } }
  private readonly spares: Spares
  private readonly worker: Worker
  private readonly waiting = new Map<number, Waiting>()
  private last = 0

  private constructor(folder: string, spares: Spares) {
    this.spares = spares
    // Nothing of this process's environment: it may hold secrets, and the thread needs none of it.
    this.worker = new Worker(entry, {
      workerData: folder,
      execArgv: [],
      resourceLimits: { maxYoungGenerationSizeMb: 8, maxOldGenerationSizeMb: 256 },
      env: {},
      name: "callstream sink-local"
    })
    this.worker.on("message", (reply: Reply) => this.take(reply))
    this.worker.on("error", (error) => this.end(`the writer thread failed (${nameOf(error)})`))
    this.worker.on("exit", () => this.end("the writer thread ended"))
  }

  static async start(folder: string, spares: Spares): Promise<Thread> {
    const thread = new Thread(folder, spares)
    const reply = await thread.reply(0)
    if (reply.tag === "opened") thread.opened = reply.opened
    return thread
  }

  async write(batch: Batch): Promise<Written> {
    const reply = await this.ask((number) => ({ tag: "write", number, batch }))
    if (reply.tag !== "written") throw new ThreadFailed({ kind: "other", reason: "the writer thread misunderstood" })
    this.spares.give(reply.spare)
    return reply.written
  }

  /** Lets what is asked for end, and gives the folder back. */
  async close(): Promise<void> {
    if (this.ended) return
    await this.ask((number) => ({ tag: "close", number })).catch(() => undefined)
    await this.worker.terminate()
  }

  private ask(request: (number: number) => Request): Promise<Reply> {
    const number = ++this.last
    const reply = this.reply(number)
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread, not a window
    const message = request(number)
    this.worker.postMessage(message, message.tag === "write" ? [message.batch.text.buffer] : [])
    return reply
  }

  private reply(number: number): Promise<Reply> {
    if (this.ended) return Promise.reject(new ThreadFailed({ kind: "other", reason: "the writer thread ended" }))
    return new Promise((resolve, reject) => this.waiting.set(number, { resolve, reject }))
  }

  private take(reply: Reply): void {
    const number = reply.tag === "opened" ? 0 : reply.number
    const waiting = this.waiting.get(number)
    this.waiting.delete(number)
    if (reply.tag === "failed") waiting?.reject(new ThreadFailed(reply.trouble))
    else waiting?.resolve(reply)
  }

  private end(reason: string): void {
    this.ended = true
    for (const { reject } of this.waiting.values()) reject(new ThreadFailed({ kind: "other", reason }))
    this.waiting.clear()
  }
}

/** Its message may quote what it worked on. */
const nameOf = (error: unknown): string => (error instanceof Error ? error.name : "unknown")

/** What the runner does about a trouble. */
export const failureOf = (folder: string, { kind, reason }: Trouble): Failure.SinkFailure => {
  const endpoint = `write ${folder}`
  switch (kind) {
    case "locked":
      return new Failure.Fatal({
        reason: `Another worker writes to ${folder}`,
        remedy: "Stop it, or give this sink a path of its own"
      })
    case "misplaced":
      return new Failure.Fatal({
        reason: `${folder} cannot be a folder, there is a file in its way (${reason})`,
        remedy: "Choose another path"
      })
    case "foreign":
      return new Failure.Fatal({
        reason: `In ${folder} ${reason}`,
        remedy: "Put back the files that belong together, or move the folder away to begin a new one"
      })
    case "empty":
      return new Failure.Fatal({ reason: `In ${folder} ${reason}`, remedy: "Run the pipeline first, with search" })
    case "damaged":
      return new Failure.Fatal({
        reason: `${folder}/search.db is damaged (${reason})`,
        remedy: "Restore the whole folder from a copy, or move it away to begin a new one"
      })
    case "forbidden":
      return new Failure.Denied({
        endpoint,
        reason: `this user may not write there (${reason})`,
        remedy: "Give the folder to the user that runs callstream.",
        scope: "source"
      })
    case "full":
      return new Failure.Unavailable({
        endpoint,
        reason: `no space left on the device where it is (${reason}); free some, it goes on by itself`
      })
    default:
      return new Failure.Unavailable({ endpoint, reason })
  }
}
