/**
 * The thread that writes: SQLite and the file system block, and the stream goes on meanwhile. Started by `Writer.ts` for
 * one folder. Imports nothing but Node and its own files, and is run as it is, from source or from `dist`.
 */
import { parentPort, workerData } from "node:worker_threads"
import type { Reply, Request } from "./Messages.ts"
import { Store } from "./Store.ts"
import { troubleOf } from "./Trouble.ts"

// oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread, not a window
const reply = (message: Reply, moved: Array<ArrayBuffer> = []): void => parentPort?.postMessage(message, moved)

const serve = (store: Store): void => {
  /** One at a time, in the order they came. */
  let last = Promise.resolve()
  const answer = async (request: Request): Promise<void> => {
    const { number } = request
    try {
      if (request.tag === "write") {
        const spare = request.batch.text.buffer
        reply({ tag: "written", number, written: await store.write(request.batch), spare }, [spare])
      } else {
        store.close()
        parentPort?.close()
        reply({ tag: "closed", number })
      }
    } catch (error) {
      reply({ tag: "failed", number, trouble: troubleOf(error) })
    }
  }
  parentPort?.on("message", (request: Request) => {
    last = last.then(() => answer(request))
  })
}

try {
  const store = Store.open(String(workerData))
  serve(store)
  reply({ tag: "opened", opened: store.opened })
} catch (error) {
  reply({ tag: "failed", number: 0, trouble: troubleOf(error) })
}
