/** What a command sees of the process it runs in: folders, variables, where it writes, and being told to stop. */
import type { Effect } from "effect"

export interface Output {
  readonly write: (text: string) => void
  /** Whether it is a terminal that can redraw lines and show colours; a dumb one cannot. */
  readonly isTerminal: boolean
  /** Whether colours are wanted there: see https://no-color.org. */
  readonly colors: boolean
  /** Width in characters; 80 where there is no saying. */
  readonly columns: () => number
  /** Height in lines; 24 where there is no saying. */
  readonly rows: () => number
}

/** An output whose last lines can be redrawn in place, on a terminal. */
export interface Screen extends Output {
  /** Shows these lines at the bottom, in place of those shown before. Does nothing when this is no terminal. */
  readonly show: (lines: ReadonlyArray<string>) => void
}

export interface Shell {
  /** The caller's folder: relative paths of the command line are resolved against it. */
  readonly cwd: string
  readonly variables: Readonly<Record<string, string | undefined>>
  /** Answers. */
  readonly stdout: Output
  /** Logs and the status line. */
  readonly stderr: Screen
  readonly stdin: NodeJS.ReadStream
  readonly version: string
  readonly logFormat: "human" | "json"
  /** Whether traces of defects are shown. */
  readonly debug: boolean
  /** Waits for the first SIGTERM or SIGINT. A second one ends the process at once. */
  readonly stopped: Effect.Effect<void>
  /** After the first signal the process ends within so many milliseconds, whatever hangs; 10 s unless set. */
  readonly deadline: (afterMs: number) => void
  /** Registers values that must never be shown. */
  readonly conceal: (secrets: ReadonlyArray<string>) => void
}
