/** A measured process: takes one job from its parent, runs it, tells what it cost. */
import process from "node:process"

/** Answers the one job that comes, of the type that its parent sends; ends the process after it. */
export const answering = (run: (job: never) => Promise<object>): void => {
  process.once("message", (job) => {
    run(job as never).then(
      (answer) => process.send?.(answer, () => process.exit()),
      (error: unknown) => {
        process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`)
        process.exit(1)
      }
    )
  })
}
