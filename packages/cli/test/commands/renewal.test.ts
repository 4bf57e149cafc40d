import { writeFileSync } from "node:fs"
import { join } from "node:path"
import { assert, describe, it } from "@effect/vitest"
import type { Sandbox } from "@callstream/sandbox"
import { callstream, inFolder } from "../command.ts"
import { beside } from "../sandbox.ts"

/** A pipeline file that reads Cloud Storage of a sandbox, with its secret in a file of its own. */
const objectsFile = (folder: string, { baseUrls, credentials: { storage } }: Sandbox) => {
  writeFileSync(join(folder, "secret"), `${storage.clientSecret}\n`)
  writeFileSync(
    join(folder, "callstream.yaml"),
    `name: objects
sources:
  objects:
    type: storage
    baseUrl: ${baseUrls.storage}
    clientId: ${storage.clientId}
    clientSecret: \${file:secret}
    lag: 0 s
    poll: 100 ms
    content: false
    rate: { perSecond: 1000, concurrency: 4 }
sinks:
  files: { type: local, path: out }
`
  )
}

const newer = "a-newer-secret-of-the-key"

describe("a secret in a file", () => {
  it("that was exchanged while the worker runs is read again, and nobody has to restart it", () =>
    inFolder((cwd) =>
      beside({ calls: 3, tokenSeconds: 1 }, async (sandbox) => {
        objectsFile(cwd, sandbox)
        const logins = () => sandbox.requests().filter(({ path }) => path === "/oauth/v2/token")
        let rotated = false
        let seen = 0
        const poll = (kill: (signal: NodeJS.Signals) => void) => {
          const timer = setInterval(() => {
            if (!rotated && logins().length > 0) {
              rotated = true
              writeFileSync(join(cwd, "secret"), newer)
              sandbox.setKnobs({ storageSecret: newer })
              seen = logins().length
            }
            if (
              !rotated ||
              logins()
                .slice(seen)
                .filter(({ status }) => status === 200).length < 2
            )
              return
            clearInterval(timer)
            kill("SIGTERM")
          }, 50)
        }
        let polling = false
        const { code, stderr } = await callstream(["run", "--listen", "0"], {
          cwd,
          onOutput: (_, kill) => {
            if (polling) return
            polling = true
            poll(kill)
          }
        })
        assert.strictEqual(code, 0, stderr)
        const refused = logins().filter(({ status }) => status === 401)
        assert.lengthOf(refused, 1)
        assert.include(stderr, "Credentials have changed in their files")
        assert.notInclude(stderr, "is parked")
        assert.notInclude(stderr, newer)
      })
    ))
})
