/**
 * Makes `dist/bundle/standalone.js`: `src/Standalone.ts` and all it imports in one file, what is not used left out, for
 * loading some five hundred modules is most of the time that a short command takes. Made from the sources. The licences
 * of what is in it stand beside it.
 */
import { globSync, readFileSync, writeFileSync } from "node:fs"
import { findPackageJSON, isBuiltin } from "node:module"
import { dirname, join } from "node:path"
import { fileURLToPath, pathToFileURL } from "node:url"
import { rolldown } from "rolldown"

const folder = fileURLToPath(new URL("../dist/bundle/", import.meta.url))

/** The folders of other people's packages that these modules are from. */
const packagesOf = (modules: ReadonlyArray<string>): ReadonlyArray<string> => {
  const others = modules.filter((module) => module.includes("/node_modules/"))
  const found = others.flatMap((module) => findPackageJSON(".", pathToFileURL(module).href) ?? [])
  return [...new Set(found.map(dirname))].toSorted()
}

/** The licence of a package, as it ships it. MIT wants its text in every copy, also of a package that only names it. */
const licenceOf = (packageFolder: string): string => {
  const { author, license, name, version } = JSON.parse(readFileSync(join(packageFolder, "package.json"), "utf8"))
  const [file] = globSync("[Ll][Ii][Cc][Ee][Nn][CcSs][Ee]*", { cwd: packageFolder })
  if (file === undefined && (license !== "MIT" || typeof author !== "string"))
    throw new Error(`${name} has no licence to put beside its code`)
  const text =
    file === undefined
      ? `The MIT License (named in its package.json)\n\nCopyright (c) ${author}\n\n${mit}`
      : readFileSync(join(packageFolder, file), "utf8").trim()
  return `${name} ${version}\n\n${text}\n`
}

const mit = `Permission is hereby granted, free of charge, to any person obtaining a copy of this software and associated
documentation files (the "Software"), to deal in the Software without restriction, including without limitation the
rights to use, copy, modify, merge, publish, distribute, sublicense, and/or sell copies of the Software, and to permit
persons to whom the Software is furnished to do so, subject to the following conditions:

The above copyright notice and this permission notice shall be included in all copies or substantial portions of the
Software.

THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR IMPLIED, INCLUDING BUT NOT LIMITED TO THE
WARRANTIES OF MERCHANTABILITY, FITNESS FOR A PARTICULAR PURPOSE AND NONINFRINGEMENT. IN NO EVENT SHALL THE AUTHORS OR
COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM, DAMAGES OR OTHER LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR
OTHERWISE, ARISING FROM, OUT OF OR IN CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER DEALINGS IN THE SOFTWARE.`

const build = await rolldown({
  input: fileURLToPath(new URL("../src/Standalone.ts", import.meta.url)),
  platform: "node",
  // Loaded only when a sink is opened, which no command in here does. In the one file the clients they import would be
  // loaded first of all.
  external: [/\/drivers\/(?:Platformatic|KafkaJs)\.ts$/],
  resolve: { conditionNames: ["@repo/source", "node", "import", "default"] },
  // What cannot be found would only be missed by a user.
  onLog: (level, log) => {
    if (level === "warn") throw new Error(log.message)
  }
})
const { output } = await build.write({
  file: join(folder, "standalone.js"),
  format: "esm",
  codeSplitting: false,
  comments: false,
  minify: { compress: false, mangle: false, codegen: { removeWhitespace: true } }
})
const others = output.flatMap((part) => (part.type === "chunk" ? part.imports : [])).filter((name) => !isBuiltin(name))
if (others.length > 0) throw new Error(`It is not all in one file: ${others.join(", ")} would be loaded at the start`)
const modules = output.flatMap((part) => (part.type === "chunk" ? Object.keys(part.modules) : []))
writeFileSync(
  join(folder, "LICENSES.txt"),
  packagesOf(modules)
    .map(licenceOf)
    .join(`\n${"-".repeat(80)}\n\n`)
)
