/** Each source by `check` and `preview`: what an admin sees before anything is written. */
import { existsSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { assert, describe, it } from "@effect/vitest"
import { stringify } from "yaml"
import type { ApiName, Sandbox } from "@callstream/sandbox"
import { callstream, inFolder } from "../command.ts"
import { beside } from "../sandbox.ts"

/** A file with all four, and the steps between. */
const write = (folder: string, { baseUrls, credentials }: Sandbox, changed: Readonly<Record<string, object>> = {}) => {
  const source = (type: ApiName) => ({
    type,
    baseUrl: baseUrls[type],
    ...credentials[type],
    lag: "0 s",
    rate: { perSecond: 100, concurrency: 4 },
    ...changed[type]
  })
  const sources = {
    objects: source("storage"),
    files: source("recordings"),
    calls: source("recentcalls"),
    work: source("workanalytics")
  }
  const steps = [{ type: "fields", drop: ["raw"] }]
  const sinks = { out: { type: "local", path: "out" } }
  writeFileSync(join(folder, "callstream.yaml"), stringify({ name: "all", sources, steps, sinks }))
}

/** What only the vendor calls so, in some record of each source. */
const vendorsName = { objects: '"objectName"', files: '"tenantId"', calls: '"tenantId"', work: '"pbxId"' }

describe("before anything is written", { timeout: 120_000 }, () => {
  it("check proves the rights of each stream by itself", () =>
    inFolder((cwd) =>
      beside({ calls: 20 }, async (sandbox) => {
        write(cwd, sandbox)
        const good = await callstream(["check", "--json"], { cwd })
        assert.strictEqual(good.code, 0, good.stdout + good.stderr)
        const lines: ReadonlyArray<{ name: string; subject: string; ok: boolean }> = JSON.parse(good.stdout)
        const subjects = lines.map(({ name, subject }) => `${name}/${subject}`)
        assert.includeMembers(subjects, ["files/files", "files/transcripts", "calls/calls"])
        assert.isAtLeast(subjects.filter((subject) => subject.startsWith("work/")).length, 2)
        assert.isAtLeast(subjects.filter((subject) => subject.startsWith("objects/")).length, 1)

        write(cwd, sandbox, { recordings: { token: "wrong" }, workanalytics: { password: "wrong" } })
        const bad = await callstream(["check"], { cwd })
        assert.strictEqual(bad.code, 3)
        assert.match(bad.stdout, /^ok +calls\/calls/m)
        assert.match(bad.stdout, /^ok +objects\//m)
        for (const subject of ["files/files", "files/transcripts", "work/"]) {
          assert.match(bad.stdout, new RegExp(`^FAILED +${subject}.* .*\\w{3}`, "m"))
        }
      })
    ))

  for (const [name, field] of Object.entries(vendorsName)) {
    it(`preview shows raw and normalized records of ${name} side by side, and writes nothing`, () =>
      inFolder((cwd) =>
        beside({ calls: 20 }, async (sandbox) => {
          write(cwd, sandbox)
          const { code, stderr, stdout } = await callstream(["preview", "--source", name, "--limit", "3"], { cwd })
          assert.strictEqual(code, 0, stderr)
          assert.strictEqual(stdout.match(/raw, as the vendor sent it +│ normalized, as a sink gets it/g)?.length, 3)
          assert.include(stdout, field)
          for (const line of stdout.split("\n").filter((line) => line.includes(" │ "))) assert.isAtMost(line.length, 80)
          assert.isFalse(existsSync(join(cwd, "out")))
          assert.isFalse(existsSync(join(cwd, ".callstream")))
        })
      ))
  }
})
