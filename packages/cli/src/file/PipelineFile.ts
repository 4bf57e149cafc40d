/**
 * From pipeline files to what the runner runs. Everything that is wrong in any of the files is collected and told at
 * once; nothing is asked of the network. The parts: `Yaml.ts` reads, `Interpolation.ts` fills in, `PluginLookup.ts` finds
 * plugins, `Settings.ts` decodes what they want.
 */
import { readFileSync, statSync } from "node:fs"
import { dirname, isAbsolute, relative, resolve } from "node:path"
import { pathToFileURL } from "node:url"
import { Effect } from "effect"
import type { PipelineSpec } from "@callstream/core"
import { assemble, type Assembled } from "./Assemble.ts"
import { interpolate, type Surroundings } from "./Interpolation.ts"
import { fromValue, get, type Located, type Position, showPath, without } from "./Located.ts"
import { packageForm } from "./PluginLookup.ts"
import { FilesRefused, Problems } from "./Problem.ts"
import { largestFile, read } from "./Yaml.ts"

export interface LoadedPipeline {
  readonly spec: PipelineSpec.PipelineSpec
  /** The file, as it is shown. */
  readonly file: string
  /** Absolute path of the state's file. */
  readonly statePath: string
  /** Values that must never be shown. */
  readonly secrets: ReadonlyArray<string>
}

export interface LoadOptions {
  /** What relative file names are resolved against. */
  readonly cwd: string
  readonly variables: Readonly<Record<string, string | undefined>>
}

/** The file that is meant when none is named. */
export const defaultFile = "callstream.yaml"

/** Loads pipeline files. Fails with every problem of all of them. */
export const load = Effect.fn("PipelineFile.load")(function* (files: ReadonlyArray<string>, options: LoadOptions) {
  const named = filesNamed(files, options.cwd)
  const results = yield* Effect.forEach(named, (file) => Effect.promise(() => loadFile(file, options)))
  compare(results)
  const problems = results.flatMap(({ problems }) => problems.sorted)
  if (problems.length > 0) return yield* new FilesRefused({ problems })
  return results.flatMap(({ assembled, problems }): ReadonlyArray<LoadedPipeline> =>
    assembled === undefined ? [] : [withFile(assembled.pipeline, problems.file)]
  )
})

const withFile = ({ spec, ...rest }: Assembled["pipeline"], file: string): LoadedPipeline => ({
  ...rest,
  spec: { ...spec, file },
  file
})

const filesNamed = (files: ReadonlyArray<string>, cwd: string): ReadonlyArray<string> =>
  files.length === 0 ? [defaultFile] : [...new Set(files.map((file) => resolve(cwd, file)))]

/**
 * Whether loading these files brings in no code but what comes with the command: they are YAML, and no `type` in them
 * could be a package or a file. References are not filled in here, so a `type` that has one could.
 */
export const isSelfContained = (files: ReadonlyArray<string>, cwd: string): boolean =>
  filesNamed(files, cwd).every((file) => {
    const path = resolve(cwd, file)
    if (moduleForm.test(path) || !isReadable(path)) return false
    const tree = readYaml(path, new Problems(file))
    return tree === undefined || !namesOthers(tree)
  })

/** Whether a file can be read, and twice, which a pipe cannot; or is not there, which reading says just as well. */
const isReadable = (path: string): boolean => {
  try {
    return statSync(path, { throwIfNoEntry: false })?.isFile() !== false
  } catch {
    return false
  }
}

const namesOthers = (node: Located): boolean => {
  if (node._tag === "scalar") return false
  if (node._tag === "list") return node.items.some(namesOthers)
  const type = get(node, "type")
  const text = type?._tag === "scalar" ? String(type.value) : ""
  return (
    text.includes("${") || packageForm.test(text) || [...node.entries.values()].some(({ value }) => namesOthers(value))
  )
}

/** Loads the one file of a command that works on one. */
export const loadOne = Effect.fn("PipelineFile.loadOne")(function* (file: string | undefined, options: LoadOptions) {
  const [pipeline] = yield* load(file === undefined ? [] : [file], options)
  return pipeline ?? (yield* Effect.die(new Error("a file without problems has a pipeline")))
})

/** A file that is imported; any other is read as YAML. */
export const moduleForm = /\.[mc]?[jt]s$/

interface Result {
  readonly problems: Problems
  readonly directory: string
  readonly assembled: Assembled | undefined
}

const loadFile = async (file: string, options: LoadOptions): Promise<Result> => {
  const path = resolve(options.cwd, file)
  const shown = relative(options.cwd, path)
  const problems = new Problems(shown.startsWith("..") || isAbsolute(shown) ? path : shown)
  const directory = dirname(path)
  const tree = moduleForm.test(path) ? await readModule(path, problems) : readYaml(path, problems)
  if (tree === undefined) return { problems, directory, assembled: undefined }
  if (tree._tag !== "map") {
    problems.add(tree.at, "", "Expected a pipeline: name, sources and sinks.")
    return { problems, directory, assembled: undefined }
  }
  const meant = without(tree, (key) => key.startsWith("x-"))
  const filled = interpolate(meant, surroundings(directory, options), problems)
  return {
    problems,
    directory,
    assembled: filled._tag === "map" ? await assemble(filled, directory, problems) : undefined
  }
}

const readYaml = (path: string, problems: Problems): Located | undefined => {
  const text = readText(path, problems)
  return text === undefined ? undefined : read(text, problems)
}

const readText = (path: string, problems: Problems): string | undefined => {
  try {
    const { size } = statSync(path)
    if (size <= largestFile) return readFileSync(path, "utf8").replace(/^\uFEFF/, "")
    problems.add(undefined, "", `is ${size} bytes long; a pipeline file has at most ${largestFile}.`)
  } catch (error) {
    const missing = codeOf(error) === "ENOENT"
    problems.add(
      undefined,
      "",
      missing
        ? "There is no such file. Name another one, or write one with callstream new."
        : `cannot be read (${codeOf(error)}).`
    )
  }
  return undefined
}

/** A TypeScript file exports the same thing as its default, see `pipeline` in `Pipeline.ts`. */
const readModule = async (path: string, problems: Problems): Promise<Located | undefined> => {
  if (readText(path, problems) === undefined) return undefined
  let exported: unknown
  try {
    const module: unknown = await import(pathToFileURL(path).href)
    exported = typeof module === "object" && module !== null && "default" in module ? module.default : undefined
  } catch (error) {
    problems.add(
      undefined,
      "",
      `cannot be loaded: ${error instanceof Error ? error.message.split("\n")[0] : String(error)}`
    )
    return undefined
  }
  if (exported === undefined) {
    problems.add(undefined, "", "has no default export. Write export default pipeline({ … }).")
    return undefined
  }
  const before = problems.count
  const tree = fromValue(exported, (path, what) => problems.add(undefined, showPath(path), what))
  return problems.count > before ? undefined : tree
}

const codeOf = (error: unknown): string =>
  typeof error === "object" && error !== null && "code" in error ? String(error.code) : "unknown reason"

/** The largest secret file that is read, bytes. */
const largestSecret = 1024 * 1024

const surroundings = (directory: string, { variables }: LoadOptions): Surroundings => ({
  variable: (name) => variables[name],
  file: (path) => {
    try {
      const full = resolve(directory, path)
      if (statSync(full).size > largestSecret)
        throw new Error(`The file ${path} is larger than ${largestSecret} bytes.`)
      return readFileSync(full, "utf8")
    } catch (error) {
      const code = codeOf(error)
      if (code === "ENOENT") throw new Error(`The file ${path} does not exist.`, { cause: error })
      if (code === "unknown reason") throw error
      throw new Error(`The file ${path} cannot be read (${code}).`, { cause: error })
    }
  }
})

/** What must differ between the files of one process. */
const compare = (results: ReadonlyArray<Result>): void => {
  const taken = new Map<string, { readonly file: string; readonly at: Position | undefined }>()
  for (const { assembled, problems } of results) {
    for (const { at, kind, path, value } of assembled?.unique ?? []) {
      const other = taken.get(`${kind}\n${value}`)
      if (other === undefined) taken.set(`${kind}\n${value}`, { file: problems.file, at })
      else {
        const where = other.at === undefined ? other.file : `${other.file}:${other.at.line}`
        problems.add(at, path, `${kind} is taken already, see ${where}. Choose another one.`)
      }
    }
  }
}
