/** What is wrong with a pipeline file: collected, sorted, and told all at once. Values never stand in a problem. */
import { Schema } from "effect"
import type { Position } from "./Located.ts"

/** One thing that is wrong, where, and what to do. */
export const Problem = Schema.Struct({
  file: Schema.String,
  line: Schema.optionalKey(Schema.Int),
  column: Schema.optionalKey(Schema.Int),
  /** The setting, e.g. `sources.objects.since`; empty for the file as a whole. */
  path: Schema.String,
  message: Schema.String
})
export type Problem = typeof Problem.Type

/** One or more pipeline files cannot be used. Fatal: the files have to be changed. */
export class FilesRefused extends Schema.TaggedError<FilesRefused>()("FilesRefused", {
  problems: Schema.Array(Problem)
}) {
  override get message(): string {
    const files = new Set(this.problems.map(({ file }) => file)).size
    const count = this.problems.length
    const summary = `${count} problem${count === 1 ? "" : "s"} in ${files} file${files === 1 ? "" : "s"}.`
    return [...this.problems.map(show), summary].join("\n")
  }
}

/** `acme.yaml:7:5 sources.objects.sinc: …`. */
export const show = ({ column, file, line, message, path }: Problem): string => {
  const where = line === undefined ? file : `${file}:${line}:${column ?? 1}`
  return path === "" ? `${where}: ${message}` : `${where} ${path}: ${message}`
}

/** More than so many are not told: the first ones explain the others. */
const mostProblems = 100

/** Collects the problems of one file. */
export class Problems {
  readonly file: string
  readonly #told = new Map<string, Problem>()
  #left = 0

  constructor(file: string) {
    this.file = file
  }

  add(at: Position | undefined, path: string, message: string): void {
    const problem = { file: this.file, path, message, ...at }
    const key = show(problem)
    // An alias makes one mistake appear wherever it is used.
    if (this.#told.has(key)) return
    if (this.#told.size < mostProblems) this.#told.set(key, problem)
    else this.#left += 1
  }

  get count(): number {
    return this.#told.size
  }

  /** In the order of the file. */
  get sorted(): ReadonlyArray<Problem> {
    const sorted = [...this.#told.values()].toSorted(
      (a, b) => (a.line ?? 0) - (b.line ?? 0) || (a.column ?? 0) - (b.column ?? 0)
    )
    const more = { file: this.file, path: "", message: `has ${this.#left} problems more.` }
    return this.#left === 0 ? sorted : [...sorted, more]
  }
}
