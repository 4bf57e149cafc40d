/** The Java installations of this machine, and Maven. */
import { execFile } from "node:child_process"
import { existsSync, readdirSync, readFileSync, realpathSync } from "node:fs"
import { homedir } from "node:os"
import { delimiter, dirname, join } from "node:path"
import { promisify } from "node:util"

const exec = promisify(execFile)

export interface Java {
  readonly home: string
  /** As its `release` file has it, such as `17.0.15`. */
  readonly version: string
  readonly major: number
  readonly compiler: boolean
  /** Whether it has the incubating vector module, which Lucene uses where it can. */
  readonly vector: boolean
}

/** Where installers put Java, beside PATH and JAVA_HOME. */
const usualParents = [
  "/usr/lib/jvm",
  "/usr/java",
  "/opt",
  "/opt/java",
  "/usr/local",
  join(homedir(), ".jdks"),
  join(homedir(), ".sdkman/candidates/java"),
  "/Library/Java/JavaVirtualMachines"
]

const namesIn = (folder: string): ReadonlyArray<string> => {
  try {
    return readdirSync(folder).sort()
  } catch {
    return []
  }
}

const readJava = (home: string): Java | undefined => {
  try {
    const release = readFileSync(join(home, "release"), "utf8")
    const version = /^JAVA_VERSION="([^"]+)"/m.exec(release)?.[1]
    const major = version === undefined ? undefined : /^(?:1\.)?(\d+)/.exec(version)?.[1]
    if (version === undefined || major === undefined) return undefined
    return {
      home,
      version,
      major: Number(major),
      compiler: existsSync(join(home, "bin/javac")),
      vector: release.includes("jdk.incubator.vector")
    }
  } catch {
    return undefined
  }
}

/** Every Java found: JAVA_HOME first, then JAVA_HOME_21_X64 and its like, PATH, and the usual folders. */
export const findJavas = (
  environment: NodeJS.ProcessEnv = process.env,
  parents: ReadonlyArray<string> = usualParents
): ReadonlyArray<Java> => {
  const homes = [
    environment["JAVA_HOME"] ?? "",
    ...Object.keys(environment)
      .filter((name) => /^JAVA_HOME_\d/.test(name))
      .map((name) => environment[name] ?? ""),
    ...(environment["PATH"] ?? "")
      .split(delimiter)
      .map((folder) => join(folder, "java"))
      .filter(existsSync)
      .map((file) => dirname(dirname(realpathSync(file)))),
    ...parents.flatMap((parent) =>
      namesIn(parent).flatMap((name) => [join(parent, name), join(parent, name, "Contents/Home")])
    )
  ]
  const real = homes
    .filter((home) => home !== "" && existsSync(join(home, "bin/java")))
    .map((home) => realpathSync(home))
  return [...new Set(real)].flatMap((home) => readJava(home) ?? [])
}

/** The first Java of a range of majors, both ends included. Throws a sentence that names those found. */
export const chooseJava = (javas: ReadonlyArray<Java>, least: number, most = Infinity): Java => {
  const java = javas.find(({ major }) => major >= least && major <= most)
  if (java !== undefined) return java
  const wanted = most === Infinity ? `${least} or newer` : `${least} to ${most}`
  const found = javas.map(({ home, version }) => `${version} in ${home}`).join(", ")
  throw new Error(`no Java ${wanted} among JAVA_HOME, PATH and the usual folders (found: ${found || "none"})`)
}

/** Runs a command to its end and gives what it printed. Throws its last lines when it fails. */
export const runCommand = async (command: string, args: ReadonlyArray<string>): Promise<string> => {
  try {
    const { stdout } = await exec(command, [...args], { maxBuffer: 1 << 26 })
    return stdout
  } catch (error) {
    const { code, stderr, stdout } = error as { code?: unknown; stderr?: string; stdout?: string }
    if (code === "ENOENT") throw new Error(`there is no command ${command} on PATH`, { cause: error })
    const said = `${stdout ?? ""}${stderr ?? ""}`.trim().split("\n").slice(-15).join("\n")
    throw new Error(`${command} ended with ${String(code)}: ${said}`, { cause: error })
  }
}

/** Runs Maven on one of this package's pom files. */
export const maven = (pom: string, ...args: ReadonlyArray<string>): Promise<string> =>
  runCommand("mvn", ["-B", "-q", "-f", pom, ...args])
