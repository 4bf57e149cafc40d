/** A measured process: takes one job from its parent, runs it, tells what it cost. */
import process from "node:process"

/** Answers the one job that comes; ends the process after it. */
export const answering = <Job, Answer>(run: (job: Job) => Promise<Answer>): void => {
  process.once("message", (job: Job) => {
    run(job).then(
      (answer) => process.send?.(answer, () => process.exit()),
      (error: unknown) => {
        process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`)
        process.exit(1)
      }
    )
  })
}
