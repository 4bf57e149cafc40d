/**
 * An OpenSearch on this machine's disk, resolved by Maven. Line 3 is published as a whole small distribution; line 2 as
 * its core, with the modules as jars that are put together here.
 */
import { existsSync, readFileSync } from "node:fs"
import { copyFile, cp, mkdir, readFile, rename, rm, symlink, writeFile } from "node:fs/promises"
import { delimiter, join } from "node:path"
import { fileURLToPath } from "node:url"
import { cacheFolder, digest, once } from "./Cache.ts"
import { chooseJava, findJavas, type Java, maven, runCommand } from "./Java.ts"
import type { Line, OpenOpenSearchSite } from "./OpenSearchSite.ts"
import { openWorkplace } from "./Workplace.ts"

const fileOf = (name: string) => fileURLToPath(new URL(`../../java/${name}`, import.meta.url))

const launcher = fileOf("Launcher.java")

const logging = fileOf("log4j2.properties")

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

interface OpenSearchInstall {
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
const installOpenSearch = async (line: Line): Promise<OpenSearchInstall> => {
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

/** G1, as in the distribution: the memory breaker counts garbage as used, and can ask only G1 to collect. */
const flags = (heap: string, java: Java, temporary: string): ReadonlyArray<string> => [
  `-Xms${heap}`,
  `-Xmx${heap}`,
  "-XX:+UseG1GC",
  "-XX:G1ReservePercent=25",
  "-XX:InitiatingHeapOccupancyPercent=30",
  // The first compiler alone halves the work of a start.
  "-XX:TieredStopAtLevel=1",
  "-XX:-UsePerfData",
  ...(java.vector && java.major >= 20 ? ["--add-modules=jdk.incubator.vector"] : []),
  ...(java.major >= 22 ? ["--enable-native-access=ALL-UNNAMED"] : []),
  ...(java.major >= 21 ? ["--add-opens=java.base/java.nio=ALL-UNNAMED"] : []),
  `-Djava.io.tmpdir=${temporary}`,
  "-Dlog4j2.disable.jmx=true",
  "-Dopensearch.networkaddress.cache.ttl=60"
]

const securityPlugin = "opensearch-security"

/** A home for nodes: the modules, and the security plugin when it is wanted. */
const writeHome = async (home: string, { folder, version }: OpenSearchInstall, secure: boolean) => {
  await mkdir(join(home, "plugins"), { recursive: true })
  await symlink(join(folder, "modules"), join(home, "modules"), "junction")
  if (!secure) return
  const plugin = join(folder, "plugins", securityPlugin)
  if (!existsSync(plugin)) {
    throw new Error(`the security plugin is not published for OpenSearch ${version}: ask for line 2`)
  }
  await symlink(plugin, join(home, "plugins", securityPlugin), "junction")
}

/** OpenSearch on this machine's Java. Rejects with a sentence when that is not possible. */
export const openSearchOnJava: OpenOpenSearchSite = async ({ line, security }) => {
  const newest = security ? 2 : (linesOf(findJavas()).at(-1) ?? 2)
  const install = await installOpenSearch(line ?? newest)
  const place = await openWorkplace("opensearch")
  const home = join(place.folder, "home")
  try {
    await writeHome(home, install, security)
  } catch (error) {
    await place.close()
    throw error
  }
  return {
    place,
    line: install.line,
    version: install.version,
    settings: {},
    prepare: async (_name, configuration) => {
      await mkdir(join(configuration, "tmp"), { recursive: true })
      await copyFile(logging, join(configuration, "log4j2.properties"))
      if (!security) return
      const defaults = join(install.folder, "plugins", securityPlugin, "config")
      await cp(defaults, join(configuration, securityPlugin), { recursive: true })
    },
    start: (name, configuration, heap) => {
      const options = flags(heap, install.java, join(configuration, "tmp"))
      const args = [...options, "-cp", install.classpath, "Launcher", home, configuration]
      return place.start(name, join(install.java.home, "bin/java"), args)
    }
  }
}
