/**
 * Docker, through testcontainers, which is loaded only when a daemon answers. A cluster is one container whose ports are
 * the host's; its servers are processes in it, started and broken by `docker exec`, so that a container differs from
 * a folder of this machine in nothing that a cluster would notice.
 */
import { existsSync } from "node:fs"
import { request } from "node:http"
import { homedir } from "node:os"
import { join } from "node:path"
import { setTimeout as sleep } from "node:timers/promises"
import type { Way } from "./Finding.ts"
import type { Place } from "./Place.ts"
import { openWorkplace } from "./Workplace.ts"

/** Where Docker listens: DOCKER_HOST, else the first of the usual sockets that exists. */
export const dockerHost = (environment: NodeJS.ProcessEnv = process.env): string | undefined => {
  const named = environment["DOCKER_HOST"]
  if (named !== undefined && named !== "") return named
  const sockets = [
    "/var/run/docker.sock",
    join(environment["XDG_RUNTIME_DIR"] ?? "/run/user/0", "docker.sock"),
    join(homedir(), ".docker/run/docker.sock"),
    join(homedir(), ".docker/desktop/docker.sock")
  ]
  const socket = sockets.find(existsSync)
  return socket === undefined ? undefined : `unix://${socket}`
}

/** Why there is no Docker, or undefined when a daemon answers in time. */
export const dockerAbsent = async (host = dockerHost(), patienceMs = 2000): Promise<string | undefined> => {
  if (host === undefined) return "DOCKER_HOST is not set, and there is no Docker socket"
  const url = URL.parse(host)
  const target =
    url?.protocol === "unix:"
      ? { socketPath: url.pathname }
      : { host: url?.hostname ?? "", port: url === null || url.port === "" ? 2375 : Number(url.port) }
  return new Promise((resolve) => {
    const ping = request({ ...target, path: "/_ping", agent: false, timeout: patienceMs }, (response) => {
      response.resume()
      // A daemon that wants TLS says 400 here: it is there, and testcontainers knows how to talk to it.
      resolve(undefined)
    })
    ping.on("timeout", () => ping.destroy(new Error(`no answer within ${patienceMs / 1000} s`)))
    ping.on("error", (error) => resolve(`no daemon answers at ${host} (${error.message})`))
    ping.end()
  })
}

/** What we use of testcontainers; its own types are those of a package that need not be there. */
export interface Testcontainers<Strategy = unknown> {
  readonly GenericContainer: new (image: string) => Builder<Strategy>
  readonly Wait: { forSuccessfulCommand(command: string): Strategy }
}

interface Builder<Strategy> {
  withEntrypoint(entrypoint: Array<string>): this
  withCommand(command: Array<string>): this
  withExposedPorts(...ports: Array<{ container: number; host: number }>): this
  withWaitStrategy(strategy: Strategy): this
  start(): Promise<Container>
}

interface Container {
  exec(command: Array<string>): Promise<{ output: string; exitCode: number }>
  copyContentToContainer(contents: Array<{ content: string; target: string }>): Promise<void>
  stop(): Promise<unknown>
}

const load = async (): Promise<Testcontainers> => {
  const name: string = "testcontainers"
  try {
    return (await import(name)) as Testcontainers
  } catch (error) {
    throw new Error("a daemon answers, but the package testcontainers is not installed", { cause: error })
  }
}

/** Runs a shell's script in a container; its arguments are $1 and on. Rejects with what it printed. */
const shell = async (container: Container, script: string, ...args: ReadonlyArray<string>): Promise<string> => {
  const { exitCode, output } = await container.exec(["/bin/sh", "-c", script, "sh", ...args])
  if (exitCode !== 0) throw new Error(`in the container: ${output.trim()}`)
  return output.trim()
}

/** Gone, or dead and not yet fetched by its parent. */
const isGoneScript = `kill -0 "$1" 2>/dev/null || exit 0; [ "$(cut -d " " -f 3 "/proc/$1/stat" 2>/dev/null)" = Z ]`

export interface ContainerPlace extends Place {
  readonly run: (script: string, ...args: ReadonlyArray<string>) => Promise<string>
}

/** A container that does nothing yet; its ports are the host's. */
export const openContainer = async (
  image: string,
  ports: ReadonlyArray<number>,
  library: () => Promise<Testcontainers> = load
): Promise<ContainerPlace> => {
  const { GenericContainer, Wait } = await library()
  const container = await new GenericContainer(image)
    .withEntrypoint(["/bin/sh", "-c"])
    .withCommand(["while :; do sleep 1; done"])
    .withExposedPorts(...ports.map((port) => ({ container: port, host: port })))
    // Nothing listens yet, which the library would wait for otherwise.
    .withWaitStrategy(Wait.forSuccessfulCommand("true"))
    .start()
  const files = await openWorkplace("docker")
  const folder = "/tmp/callstream"
  const run = (script: string, ...args: ReadonlyArray<string>) => shell(container, script, ...args)
  await run(`mkdir -p ${folder}`)
  return {
    folder,
    files: files.folder,
    bind: "0.0.0.0",
    run,
    put: (path, content) => container.copyContentToContainer([{ content, target: path }]),
    start: async (name, command, args) => {
      const script = `log=$1; shift; nohup "$@" >>"$log" 2>&1 </dev/null & echo $!`
      const pid = Number(await run(script, `${folder}/${name}.log`, command, ...args))
      const isGone = async () =>
        (await container.exec(["/bin/sh", "-c", isGoneScript, "sh", String(pid)])).exitCode === 0
      return {
        pid,
        isGone,
        gone: async () => {
          while (!(await isGone())) await sleep(100)
        },
        signal: async (signal) => {
          await run(`kill -${signal} "$1" || true`, String(pid))
        }
      }
    },
    log: (name) => run(`tail -n 30 "$1" || true`, `${folder}/${name}.log`),
    close: async () => {
      await container.stop()
      await files.close()
    }
  }
}

/** Why Docker is of no use here, or undefined. */
export const dockerUnusable = async (): Promise<string | undefined> =>
  (await dockerAbsent()) ??
  (await load().then(
    () => undefined,
    (error: Error) => error.message
  ))

/** Docker as a way to a server. */
export const dockerWay = <A>(open: () => Promise<A>): Way<A> => ({ name: "Docker", absent: dockerUnusable, open })
