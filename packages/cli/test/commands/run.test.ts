import { writeFileSync } from "node:fs"
import { createServer } from "node:http"
import { join } from "node:path"
import { assert, describe, it } from "@effect/vitest"
import { callstream, inFolder } from "../command.ts"
import { beside, callsFile } from "../sandbox.ts"

/** The JSON lines of a log. */
const entries = (stderr: string): ReadonlyArray<Readonly<Record<string, unknown>>> =>
  stderr
    .split("\n")
    .filter((line) => line.startsWith("{"))
    .map((line): Readonly<Record<string, unknown>> => JSON.parse(line))

const messages = (stderr: string) => entries(stderr).map(({ level, message }) => `${String(level)} ${String(message)}`)

describe("run --once", () => {
  it("reads everything, ends with 0, and finds nothing new the second time", () =>
    inFolder((cwd) =>
      beside({ calls: 40 }, async (sandbox) => {
        callsFile(cwd, sandbox)
        const exists = sandbox.records("recentcalls/calls").length
        const first = await callstream(["run", "--once"], { cwd })
        assert.strictEqual(first.code, 0, first.stderr)
        assert.include(first.stderr, `read ${exists} records in all: ${exists} new or changed, 0 unchanged.`)
        assert.strictEqual(first.stdout, "")

        const human = await callstream(["run", "--once", "--log-format", "human"], { cwd })
        assert.strictEqual(human.code, 0)
        assert.match(
          human.stdout,
          new RegExp(`^calls: read \\d+ records in all: ${exists} new or changed, \\d+ unchanged\\.\n$`)
        )

        const status = await callstream(["status", "--json"], { cwd })
        const { partitions } = JSON.parse(status.stdout)
        assert.strictEqual(partitions[0].books.sinks.files.stored, exists)

        const search = await callstream(["search", sandbox.credentials.recentcalls.tenantId, "--json"], { cwd })
        assert.strictEqual(search.code, 0, search.stderr)
        assert.deepStrictEqual(Object.keys(JSON.parse(search.stdout)[0]).toSorted(), ["hits", "sink", "total"])
      })
    ))

  it("ends with 3 when the login is refused, and says what to do", () =>
    inFolder((cwd) =>
      beside({ calls: 1 }, async (sandbox) => {
        callsFile(cwd, sandbox, { token: "not-the-token-at-all" })
        const { code, stderr } = await callstream(["run", "--once"], { cwd })
        assert.strictEqual(code, 3, stderr)
        assert.match(messages(stderr).join("\n"), /is parked/)
        assert.notInclude(stderr, "not-the-token-at-all")
        const check = await callstream(["check"], { cwd })
        assert.strictEqual(check.code, 3)
        assert.match(check.stdout, /^FAILED {2}calls\/calls .*refused/m)
      })
    ))

  it("ends with 4 when its patience with a host that does not answer is over", () =>
    inFolder((cwd) =>
      beside({ calls: 1 }, async (sandbox) => {
        callsFile(cwd, sandbox, { baseUrl: "http://127.0.0.1:1" })
        const args = ["run", "--once", "--patience", "500ms", "--log-format", "human"]
        const { code, stderr, stdout } = await callstream(args, { cwd })
        assert.strictEqual(code, 4, stderr)
        assert.deepStrictEqual(stdout.replace(/\d{4}-\d\d-\d\d \d\d:\d\d UTC/, "TIME").split("\n"), [
          "calls: read 0 records in all: 0 new or changed, 0 unchanged.",
          `  calls/calls/${sandbox.credentials.recentcalls.tenantId} cannot be read since TIME: ` +
            "POST /recentCallData/{region}: no connection to 127.0.0.1:1 (ECONNREFUSED)",
          "  It goes on from here at the next start.",
          ""
        ])
        const check = await callstream(["check"], { cwd })
        assert.strictEqual(check.code, 3)
        assert.match(check.stdout, /^FAILED {2}calls\/calls .*no connection to 127\.0\.0\.1:1 \(ECONNREFUSED\)/m)
      })
    ))
})

describe("run", () => {
  it("stops on a signal with 0, refuses a second worker, and serves what it is asked to", () =>
    inFolder((cwd) =>
      beside({ calls: 5 }, async (sandbox) => {
        callsFile(cwd, sandbox)
        let url: string | undefined
        let asked: Promise<void> | undefined
        const answers: Record<string, string> = {}
        const ended = await callstream(["run", "--listen", "0"], {
          cwd,
          onOutput: (text, kill) => {
            url ??= /on (http:\/\/127\.0\.0\.1:\d+)/.exec(text)?.[1]
            if (url === undefined || asked !== undefined) return
            asked = (async (base: string) => {
              // Ready once the state is open; everything is stored once the books say so.
              const get = async (path: string) => (await fetch(base + path)).text()
              while (!(answers["/status"] ?? "").includes('"stored":5')) {
                await new Promise((resolve) => setTimeout(resolve, 50))
                answers["/status"] = await get("/status")
              }
              for (const path of ["/health", "/ready", "/metrics"]) answers[path] = await get(path)
              const second = await callstream(["run"], { cwd })
              answers["second"] = `${second.code} ${second.stderr}`
              const beside = await callstream(["status"], { cwd })
              answers["beside"] = `${beside.code} ${beside.stdout}`
              kill("SIGTERM")
            })(url)
          }
        })
        assert.strictEqual(ended.code, 0, ended.stderr)
        assert.strictEqual(answers["/health"], "healthy\n")
        assert.strictEqual(answers["/ready"], "ready\n")
        assert.match(answers["/status"] ?? "", /"budget":\{"perSecond":100,/)
        assert.match(answers["/metrics"] ?? "", /^callstream_source_records_total\{.*outcome="emitted".*\} 5/m)
        assert.match(answers["second"] ?? "", /^1 .*is in use by another worker .*Stop that worker first/s)
        assert.match(answers["beside"] ?? "", /^0 Pipeline calls\n/)
      })
    ))

  it("ends at once with 4 on a second signal", () =>
    inFolder((cwd) =>
      beside({ calls: 5 }, async (sandbox) => {
        callsFile(cwd, sandbox)
        let killed = false
        const { code } = await callstream(["run", "--listen", "0"], {
          cwd,
          onOutput: (text, kill) => {
            if (killed || !text.includes("Serving")) return
            killed = true
            kill("SIGTERM")
            kill("SIGINT")
          }
        })
        assert.strictEqual(code, 4)
      })
    ))

  it("stops in order however long its drain may take", () =>
    inFolder((cwd) =>
      beside({ calls: 5 }, async (sandbox) => {
        callsFile(cwd, sandbox)
        const { code, stderr } = await callstream(["run", "--listen", "0", "--drain", "30d"], {
          cwd,
          onOutput: (text, kill) => {
            if (text.includes("Serving") && !text.includes("Stopping")) kill("SIGTERM")
          }
        })
        assert.strictEqual(code, 0, stderr)
        assert.notInclude(stderr, "Warning")
      })
    ))

  it("does not end with 0 when nobody takes its log any more", () =>
    inFolder((cwd) =>
      beside({ calls: 5 }, async (sandbox) => {
        callsFile(cwd, sandbox, { token: "wrong-token" })
        const { code, stderr } = await callstream(["run", "--listen", "0"], { cwd, deaf: true })
        assert.include(stderr, "Serving")
        assert.strictEqual(code, 4)
      })
    ))

  it("says once why it cannot start", () =>
    inFolder((cwd) =>
      beside({ calls: 1 }, async (sandbox) => {
        callsFile(cwd, sandbox)
        writeFileSync(join(cwd, "out"), "a file")
        const { code, stderr } = await callstream(["run"], { cwd })
        assert.strictEqual(code, 1)
        assert.lengthOf(stderr.match(/cannot be a folder/g) ?? [], 1, stderr)
      })
    ))

  it("says that its port is taken, and ends with 2", () =>
    inFolder((cwd) =>
      beside({ calls: 1 }, async (sandbox) => {
        callsFile(cwd, sandbox)
        const server = createServer().listen(0, "127.0.0.1")
        await new Promise((resolve) => server.once("listening", resolve))
        const address = server.address()
        const port = typeof address === "object" ? address?.port : undefined
        const { code, stderr } = await callstream(["run", "--listen", String(port), "--log-format", "human"], { cwd })
        server.close()
        assert.strictEqual(code, 2)
        assert.strictEqual(
          stderr,
          `callstream: --listen 127.0.0.1:${port} cannot be served: the port is in use. Choose another one, or stop who has it.\n`
        )
      })
    ))
})
