/** One server process that a test may break. */
import type { Effect } from "effect"

/** All these wait on the real clock, whatever clock the test has. */
export interface ServerNode {
  /** Of the process that runs now, or ran last. */
  readonly pid: number
  /** `kill -9`; ends when the process is gone. */
  readonly kill: Effect.Effect<void>
  /** A clean end: SIGTERM, and `kill -9` when that takes more than 15 s. */
  readonly shutdown: Effect.Effect<void>
  /** Starts it again on the same data and ports, after a clean end if it runs. Ends when it answers. */
  readonly restart: Effect.Effect<void>
  /** SIGSTOP: connections stay open and nothing answers. */
  readonly suspend: Effect.Effect<void>
  /** SIGCONT. */
  readonly resume: Effect.Effect<void>
}
