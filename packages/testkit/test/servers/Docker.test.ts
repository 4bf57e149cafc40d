/** Docker, as far as it goes without Docker: finding its daemon, and servers in something that behaves as a container. */
import { execFile } from "node:child_process"
import { mkdtempSync, rmSync } from "node:fs"
import { writeFile } from "node:fs/promises"
import { createServer, type RequestListener } from "node:http"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, assert, describe, it } from "@effect/vitest"
import { dockerAbsent, openContainer, type Testcontainers } from "../../src/servers/Docker.ts"

const folder = mkdtempSync(join(tmpdir(), "docker-"))

afterAll(() => rmSync(folder, { recursive: true }))

const daemon = async (name: string, listener: RequestListener) => {
  const socket = join(folder, `${name}.sock`)
  const server = createServer(listener)
  await new Promise<void>((resolve) => void server.listen(socket, resolve))
  return { host: `unix://${socket}`, close: () => server.close(() => {}).closeAllConnections() }
}

/** Stands for a container: its folder is one of ours, its processes are this machine's. */
const library = (stopped: () => void): (() => Promise<Testcontainers>) => {
  const inside = (text: string) => text.replaceAll("/tmp/callstream", join(folder, "container"))
  class GenericContainer {
    withEntrypoint(_entrypoint: Array<string>): this {
      return this
    }
    withCommand(_command: Array<string>): this {
      return this
    }
    withExposedPorts(..._ports: Array<{ container: number; host: number }>): this {
      return this
    }
    withWaitStrategy(_strategy: unknown): this {
      return this
    }
    async start() {
      return {
        exec: ([command = "", ...args]: Array<string>) =>
          new Promise<{ output: string; exitCode: number }>((resolve) => {
            execFile(command, args.map(inside), (error, stdout, stderr) =>
              resolve({ output: `${stdout}${stderr}`, exitCode: error === null ? 0 : 1 })
            )
          }),
        copyContentToContainer: async (contents: Array<{ content: string; target: string }>) => {
          for (const { content, target } of contents) await writeFile(inside(target), content)
        },
        stop: async () => stopped()
      }
    }
  }
  return async () => ({ GenericContainer, Wait: { forSuccessfulCommand: (command) => command } })
}

describe("Docker", () => {
  it("is there when its daemon answers", async () => {
    const { close, host } = await daemon("up", (_request, response) => response.end("OK"))
    assert.isUndefined(await dockerAbsent(host))
    close()
  })

  it("is absent when nothing listens, and when what listens never answers", async () => {
    assert.match((await dockerAbsent(`unix://${folder}/none.sock`)) ?? "", /no daemon answers at .*ENOENT/)
    const { close, host } = await daemon("hangs", () => {})
    assert.match((await dockerAbsent(host, 50)) ?? "", /no daemon answers at .*no answer within 0\.05 s/)
    close()
  })

  it("starts, suspends and kills processes in a container", async () => {
    let stopped = false
    const place = await openContainer(
      "image",
      [1],
      library(() => (stopped = true))
    )
    const script = `${place.folder}/script.sh`
    await place.put(script, "echo begun; read -r line < /dev/null; exec sleep 600\n")
    const running = await place.start("server", "/bin/sh", [script])
    while ((await place.log("server")) !== "begun") await place.run("sleep 0.05")
    assert.isFalse(await running.isGone())
    await running.signal("STOP")
    assert.isFalse(await running.isGone())
    await running.signal("KILL")
    await running.gone()
    assert.isTrue(await running.isGone())
    await place.close()
    assert.isTrue(stopped)
  })
})
