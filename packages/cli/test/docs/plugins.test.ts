import { cpSync, globSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs"
import { createServer } from "node:http"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { assert, describe, it } from "@effect/vitest"
import { callstream, inFolder } from "../command.ts"

const root = fileURLToPath(new URL("../../../../", import.meta.url))
const example = join(root, "examples/plugin")
const modules = fileURLToPath(new URL("../../node_modules", import.meta.url))

/** A help desk with tickets a to d, two a page; c has no title. */
const desk = <A>(use: (url: string) => Promise<A>): Promise<A> =>
  new Promise((resolve, reject) => {
    const changed = Date.now() - 3_600_000
    const all = ["a", "b", "c", "d"].map((id) => ({ id, changed, ...(id === "c" ? {} : { title: `The ${id} broke` }) }))
    const server = createServer((request, response) => {
      const { searchParams } = new URL(request.url ?? "", "http://desk")
      const [from, to, cursor] = ["from", "to", "after"].map((name) => searchParams.get(name) ?? "")
      const inside = changed >= Number(from) && changed < Number(to) ? all : []
      const rest = inside.filter(({ id }) => id > (cursor ?? ""))
      response.setHeader("content-type", "application/json")
      response.statusCode = request.headers.authorization === "Bearer desk-token" ? 200 : 401
      response.end(JSON.stringify({ tickets: rest.slice(0, 2), ...(rest.length > 2 ? { next: rest[1]?.id } : {}) }))
    })
    server.listen(0, "127.0.0.1", () => {
      const address = server.address()
      const port = typeof address === "object" && address !== null ? address.port : 0
      use(`http://127.0.0.1:${port}`)
        .then(resolve, reject)
        .finally(() => server.close())
    })
  })

describe("the page on plugins", () => {
  const page = readFileSync(join(root, "docs/plugins.md"), "utf8")
  const written = globSync(["*.ts", "src/*.ts", "test/*.ts"], { cwd: example }).map((name) =>
    readFileSync(join(example, name), "utf8")
  )
  const blocks = [...page.matchAll(/^```ts\n([\s\S]*?)^```$/gm)].map(([, inside = ""]) => [inside] as const)

  it.each(blocks)("shows what stands in the example: %s", (block) => {
    assert.isTrue(written.some((text) => text.includes(block)))
  })
})

describe("the example of a source, as a file", () => {
  it("runs: tickets arrive, one that cannot be read is a dead letter", () =>
    inFolder((cwd) =>
      desk(async (baseUrl) => {
        cpSync(join(example, "src/Tickets.ts"), join(cwd, "Tickets.ts"))
        symlinkSync(modules, join(cwd, "node_modules"))
        writeFileSync(join(cwd, "package.json"), `{ "type": "module" }`)
        writeFileSync(
          join(cwd, "callstream.yaml"),
          `name: desk
sources: { tickets: { type: ./Tickets.ts, baseUrl: "${baseUrl}", token: "\${DESK_TOKEN}" } }
sinks: { files: { type: local, path: out } }
`
        )
        const { code, stderr } = await callstream(["run", "--once"], { cwd, variables: { DESK_TOKEN: "desk-token" } })
        assert.strictEqual(code, 0, stderr)
        const lines = readdirSync(join(cwd, "out/events")).flatMap((name) =>
          readFileSync(join(cwd, "out/events", name), "utf8")
            .trim()
            .split("\n")
        )
        assert.deepStrictEqual(lines.map((line) => String(JSON.parse(line).data.title)).toSorted(), [
          "The a broke",
          "The b broke",
          "The d broke"
        ])
        const variables = { DESK_TOKEN: "desk-token" }
        const { stdout } = await callstream(["dead", "list"], { cwd, variables })
        assert.include(stdout, "title is missing or not as documented")
        const refused = await callstream(["run", "--once"], { cwd, variables: { DESK_TOKEN: "wrong-token" } })
        assert.strictEqual(refused.code, 3, refused.stderr)
        assert.include(
          refused.stderr,
          "tickets is parked. GET /tickets: refused our credentials (401). Make a new token under Desk > API"
        )
      })
    ))
})
