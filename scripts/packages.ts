/** `./run packages FOLDER`: builds all packages that are published and puts them into a folder, a `.tgz` each. */
import { execFileSync } from "node:child_process"
import { globSync, mkdirSync, readFileSync } from "node:fs"
import { dirname, join, resolve } from "node:path"
import process from "node:process"
import { fileURLToPath } from "node:url"

const root = fileURLToPath(new URL("..", import.meta.url))
const [folder] = process.argv.slice(2)
if (folder === undefined) {
  process.stderr.write("Name the folder: ./run packages FOLDER\n")
  process.exit(2)
}
const target = resolve(folder)
mkdirSync(target, { recursive: true })
const run = (cwd: string, command: string, ...words: ReadonlyArray<string>) =>
  execFileSync(command, words, { cwd, stdio: ["ignore", "ignore", "inherit"] })

run(root, "pnpm", "build")
for (const file of globSync("packages/*/package.json", { cwd: root }).toSorted()) {
  const { name, private: hidden } = JSON.parse(readFileSync(join(root, file), "utf8"))
  if (hidden === true) continue
  const archive = join(target, `${String(name).replaceAll(/\W+/g, "-").replace(/^-/, "")}.tgz`)
  run(join(root, dirname(file)), "pnpm", "pack", "--out", archive)
  process.stdout.write(`${archive}\n`)
}
