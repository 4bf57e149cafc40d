/**
 * How the command ends, for whoever started it. Where the table of the documents leaves room: a state that is held by
 * another worker or cannot be opened is `badFile` (the file names it); an address of `--listen` that is taken is
 * `badUsage`; a command that is interrupted is `unfinished`.
 */
export const ExitCode = {
  /** Done. Dead letters are named in the summary. */
  done: 0,
  /** A pipeline file is wrong, or names a state or a place that cannot be used. */
  badFile: 1,
  /** The command line or the version of Node is wrong. */
  badUsage: 2,
  /** A source or sink refused us, or everything is parked. */
  refused: 3,
  /** Stopped with records undelivered or ranges unread. */
  unfinished: 4,
  /** Done, but there are dead letters, and `--fail-on-dead` was given. */
  dead: 5,
  /** A defect of ours. */
  defect: 70
} as const

export type ExitCode = (typeof ExitCode)[keyof typeof ExitCode]
