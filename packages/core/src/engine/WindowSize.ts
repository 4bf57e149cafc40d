/** How long the windows of one partition are: as long as may be, halved where they cannot be read, then longer again. */
import { Duration } from "effect"
import type { SourceStream, Window } from "../contract/Source.ts"
import { halved } from "./Walk.ts"

/** All in milliseconds. */
export interface WindowSize {
  readonly largest: number
  /** The longest window that is given up at once when there is nothing but errors for it. */
  readonly widestGap: number
  readonly current: () => number
  /** A window was read: after a few, longer ones are tried. */
  readonly grow: () => void
  /** The next windows are half of this one; `false` when that is too small. */
  readonly split: (window: Window) => boolean
  /** The next windows are twice this one. */
  readonly double: (window: Window) => void
}

/** Windows of a size that was found by splitting, before a larger one is tried. */
const windowsToGrow = 4

export const make = (window: SourceStream["window"]): WindowSize => {
  const largest = Duration.toMillis(window.largest)
  const smallest = Duration.toMillis(window.smallest)
  let size = largest
  /** Windows that were read since the last one was split. */
  let read = windowsToGrow
  return {
    largest,
    widestGap: Duration.toMillis(window.gap ?? window.largest),
    current: () => size,
    grow: () => {
      read += 1
      if (read >= windowsToGrow) size = Math.min(largest, size * 2)
    },
    split: (window) => {
      const half = halved(window, smallest)
      if (half === undefined) return false
      size = half.to - half.from
      read = 0
      return true
    },
    double: ({ from, to }) => {
      size = Math.min(largest, 2 * (to - from))
    }
  }
}
