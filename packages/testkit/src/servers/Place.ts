/** Where the servers of one cluster run: a folder of this machine, or a container. */

export interface Running {
  readonly pid: number
  readonly isGone: () => Promise<boolean>
  /** Settles when the process is gone. */
  readonly gone: () => Promise<void>
  readonly signal: (signal: "KILL" | "TERM" | "STOP" | "CONT") => Promise<void>
}

export interface Place {
  /** Where servers have their files. */
  readonly folder: string
  /** The address they listen at. */
  readonly bind: string
  /** A folder of this machine, for what tests read. */
  readonly files: string
  /** Writes a file that servers read; folders on the way are made. */
  readonly put: (path: string, text: string) => Promise<void>
  /** Starts a process in the background. */
  readonly start: (name: string, command: string, args: ReadonlyArray<string>) => Promise<Running>
  /** The last lines of what a process of this name printed. */
  readonly log: (name: string) => Promise<string>
  /** Kills what runs and removes everything; ends when both are done. */
  readonly close: () => Promise<void>
}

/** Something open, and how to close it. */
export interface Open<A> {
  readonly value: A
  readonly close: () => Promise<void>
}
