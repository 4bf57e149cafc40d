/**
 * `./run packages FOLDER [NAME]`: builds the packages that are published and puts them into a folder, a `.tgz` each; all of
 * them, or one and those that it depends on.
 */
import { execFileSync } from "node:child_process"
import { globSync, mkdirSync, readFileSync } from "node:fs"
import { dirname, join, resolve } from "node:path"
import process from "node:process"
import { fileURLToPath } from "node:url"

const root = fileURLToPath(new URL("..", import.meta.url))
const [folder, only] = process.argv.slice(2)
if (folder === undefined) {
  process.stderr.write("Name the folder: ./run packages FOLDER\n")
  process.exit(2)
}
const target = resolve(folder)
mkdirSync(target, { recursive: true })
const run = (cwd: string, command: string, ...words: ReadonlyArray<string>) =>
  execFileSync(command, words, { cwd, stdio: ["ignore", "ignore", "inherit"] })

run(root, "pnpm", "build")

interface Manifest {
  readonly name: string
  readonly private?: boolean
  readonly dependencies?: Readonly<Record<string, string>>
}
const manifests = new Map(
  globSync("packages/*/package.json", { cwd: root })
    .toSorted()
    .map((file) => [file, JSON.parse(readFileSync(join(root, file), "utf8")) as Manifest] as const)
)

/** The names of a package and of ours that it depends on. */
const withOurs = (name: string): ReadonlyArray<string> => {
  const found = [...manifests.values()].find((manifest) => manifest.name === name)
  return found === undefined ? [] : [name, ...Object.keys(found.dependencies ?? {}).flatMap(withOurs)]
}
const wanted = only === undefined ? undefined : new Set(withOurs(only))

for (const [file, { name, private: hidden }] of manifests) {
  if (hidden === true || wanted?.has(name) === false) continue
  const archive = join(target, `${name.replaceAll(/\W+/g, "-").replace(/^-/, "")}.tgz`)
  run(join(root, dirname(file)), "pnpm", "pack", "--out", archive)
  process.stdout.write(`${archive}\n`)
}
