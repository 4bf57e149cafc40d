/**
 * An OpenSearch on this machine's disk, resolved by Maven. Line 3 is published as a whole small distribution; line 2 as
 * its core, with the modules as jars that are put together here.
 */
import { existsSync, readFileSync } from "node:fs"
import { mkdir, readFile, rename, rm, writeFile } from "node:fs/promises"
import { delimiter, join } from "node:path"
import { fileURLToPath } from "node:url"
import { cacheFolder, digest, once } from "./Cache.ts"
import { chooseJava, findJavas, type Java, maven, runCommand } from "./Java.ts"

/** Of OpenSearch's releases. */
export type Line = 2 | 3

const fileOf = (name: string) => fileURLToPath(new URL(`../../java/${name}`, import.meta.url))

const launcher = fileOf("Launcher.java")

/** Java that each line runs on. Java 24 took away the security manager, which line 2 asks for. */
const javas = { 2: { least: 11, most: 23 }, 3: { least: 21, most: Infinity } } as const

interface Part {
  readonly folder: "modules" | "plugins"
  /** Absent: it brings its own descriptor. */
  readonly className?: string
  readonly extended?: string
}

const module = (className: string, extended = ""): Part => ({
  folder: "modules",
  className: `org.opensearch.${className}`,
  extended
})

const parts: Record<Line, Readonly<Record<string, Part>>> = {
  2: {
    "aggs-matrix-stats": module("search.aggregations.matrix.MatrixAggregationPlugin"),
    "analysis-common": module("analysis.common.CommonAnalysisPlugin", "lang-painless"),
    "ingest-common": module("ingest.common.IngestCommonPlugin", "lang-painless"),
    "lang-expression": module("script.expression.ExpressionPlugin"),
    "lang-mustache": module("script.mustache.MustachePlugin"),
    "lang-painless": module("painless.PainlessPlugin"),
    "mapper-extras": module("index.mapper.MapperExtrasPlugin"),
    "parent-join": module("join.ParentJoinPlugin"),
    percolator: module("percolator.PercolatorPlugin"),
    "rank-eval": module("index.rankeval.RankEvalPlugin"),
    reindex: module("index.reindex.ReindexPlugin"),
    "opensearch-security": { folder: "plugins" }
  },
  3: {}
}

export interface OpenSearchInstall {
  readonly line: Line
  readonly version: string
  readonly java: Java
  /** Of the distribution: `modules`, `plugins`, `lib`. */
  readonly folder: string
  /** For `-cp`: the launcher and OpenSearch's own jars. */
  readonly classpath: string
}

/** A packaged plugin keeps its descriptor, but for the version: a patch release may lack a plugin of its own. */
const describe = async (folder: string, name: string, part: Part, line: Line, version: string) => {
  const file = join(folder, "plugin-descriptor.properties")
  if (part.className === undefined) {
    const text = await readFile(file, "utf8")
    return writeFile(file, text.replace(/^opensearch\.version=.*$/m, `opensearch.version=${version}`))
  }
  const fields = {
    name,
    description: name,
    version,
    classname: part.className,
    "java.version": javas[line].least,
    "opensearch.version": version,
    "extended.plugins": part.extended ?? "",
    "has.native.controller": false
  }
  return writeFile(
    file,
    Object.entries(fields)
      .map(([key, value]) => `${key}=${String(value)}\n`)
      .join("")
  )
}

const layOut = async (folder: string, line: Line, version: string, all: ReadonlyArray<Java>) => {
  const compiler = all.find(({ compiler, major }) => compiler && major >= 11)
  if (compiler === undefined) throw new Error("no javac (a JDK, not only a JRE) among the Javas found")
  const fetched = join(folder, "fetched")
  await maven(fileOf(`opensearch-${line}.xml`), `-Dhome=${fetched}`, "generate-resources")
  for (const name of ["lib", "modules"]) await rename(join(fetched, `opensearch-${version}`, name), join(folder, name))
  await mkdir(join(folder, "plugins"))
  for (const [name, part] of Object.entries(parts[line])) {
    const target = join(folder, part.folder, name)
    await rename(join(fetched, "extra", name), target)
    await describe(target, name, part, line, version)
  }
  await rm(fetched, { recursive: true, force: true })
  const target = join(folder, "launcher")
  await runCommand(join(compiler.home, "bin/javac"), ["--release", "11", "-d", target, launcher])
}

/** Finds Java, and fetches and lays out what is not in the cache yet. Throws a sentence when something is missing. */
export const installOpenSearch = async (line: Line): Promise<OpenSearchInstall> => {
  const all = findJavas()
  const java = chooseJava(all, javas[line].least, javas[line].most)
  const pom = readFileSync(fileOf(`opensearch-${line}.xml`), "utf8")
  const version = /<opensearch\.version>([^<]+)/.exec(pom)?.[1] ?? ""
  const key = digest(pom, parts[line], readFileSync(launcher, "utf8"))
  const folder = await once(join(cacheFolder(), "opensearch", `${version}-${key}`), (folder) =>
    layOut(folder, line, version, all)
  )
  return {
    line,
    version,
    java,
    folder,
    classpath: [join(folder, "launcher"), join(folder, "lib", "*")].join(delimiter)
  }
}

/** The lines that the Javas of this machine run, oldest first. */
export const linesOf = (found: ReadonlyArray<Java>): ReadonlyArray<Line> =>
  ([2, 3] as const).filter((line) => found.some(({ major }) => major >= javas[line].least && major <= javas[line].most))

/** Whether a plugin is part of the layout. */
export const hasPlugin = ({ folder }: OpenSearchInstall, name: string): boolean =>
  existsSync(join(folder, "plugins", name))
