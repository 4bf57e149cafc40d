/**
 * `./run test`: all tests, or those of the files named. `--long` runs the ones with random histories and kills many more
 * times, which takes longer than anybody wants to wait for every change.
 */
import { spawnSync } from "node:child_process"
import { availableParallelism } from "node:os"

const words = process.argv.slice(2)
const long = words.includes("--long")
const environment = long
  ? { ...process.env, CALLSTREAM_LONG: "1", CALLSTREAM_HISTORIES: process.env["CALLSTREAM_HISTORIES"] ?? "10000" }
  : process.env
// Vitest would leave one core free, which is half of two; and many of our tests wait for a server.
const workers = words.some((word) => word.startsWith("--maxWorkers"))
  ? []
  : [`--maxWorkers=${Math.max(2, availableParallelism())}`]
const { status } = spawnSync("vitest", ["run", ...workers, ...words.filter((word) => word !== "--long")], {
  stdio: "inherit",
  env: environment
})
process.exitCode = status ?? 1
