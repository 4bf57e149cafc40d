/** How V8 uses memory in a process that streams: most of what it makes is garbage after a page or two. */
import { setFlagsFromString } from "node:v8"

/**
 * For the process that streams, before it loads the rest: what has grown stays. V8 must not put objects where only full
 * collections look because others from the same line lived long: of pages that come and go that keeps a fifth of all
 * that is made alive, and costs a third of the time. And the heap stays near one and a half times what is live, where
 * V8 would let it grow to four times.
 */
export const keepSmall = (): void => {
  setFlagsFromString("--no-allocation-site-pretenuring")
  setFlagsFromString("--heap-growing-percent=60")
}
