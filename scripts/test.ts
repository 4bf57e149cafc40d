/**
 * `./run test`: all tests, or those of the files named. `--long` runs the ones with random histories and kills many more
 * times, which takes longer than anybody wants to wait for every change.
 */
import { spawnSync } from "node:child_process"

const words = process.argv.slice(2)
const long = words.includes("--long")
const environment = long
  ? { ...process.env, CALLSTREAM_LONG: "1", CALLSTREAM_HISTORIES: process.env["CALLSTREAM_HISTORIES"] ?? "10000" }
  : process.env
const { status } = spawnSync("vitest", ["run", ...words.filter((word) => word !== "--long")], {
  stdio: "inherit",
  env: environment
})
process.exitCode = status ?? 1
