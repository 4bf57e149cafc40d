/**
 * What stands in `deploy/`: each command line is run as it is written there, but for folders and the port; what probes
 * and alerts ask for is there.
 */
import { readFileSync } from "node:fs"
import { fileURLToPath } from "node:url"
import { assert, describe, it } from "@effect/vitest"
import { parse, parseAllDocuments } from "yaml"
import { callstream, inFolder } from "./command.ts"
import { beside, callsFile } from "./sandbox.ts"

const text = (name: string) => readFileSync(fileURLToPath(new URL(`../../../deploy/${name}`, import.meta.url)), "utf8")

const dockerfile = text("Dockerfile").replaceAll("\\\n", " ")
const instruction = (name: string): ReadonlyArray<string> =>
  JSON.parse(new RegExp(String.raw`^\s*${name} (\[.*\])$`, "mu").exec(dockerfile)?.[1] ?? "[]")

const unit = (key: string): string => new RegExp(`^${key}=(.*)$`, "mu").exec(text("callstream.service"))?.[1] ?? ""

const resources = parseAllDocuments(text("kubernetes.yaml")).map((document) => document.toJS())
const pod = resources.find(({ kind }) => kind === "StatefulSet").spec.template.spec
const [container] = pod.containers

const lines: ReadonlyArray<readonly [file: string, line: ReadonlyArray<string>]> = [
  ["Dockerfile", [...instruction("ENTRYPOINT"), ...instruction("CMD")]],
  ["callstream.service", unit("ExecStart").split(" ")],
  ["kubernetes.yaml", [...container.command, ...container.args]]
]

/** Metrics that alerts name; a histogram is told by its buckets. */
const metrics = [...new Set(text("alerts.yml").match(/callstream_\w+/g))]

describe("the files of deploy/", () => {
  it("name metrics in every alert, and say what is the matter", () => {
    const rules = parse(text("alerts.yml")).groups.flatMap(({ rules }: { rules: ReadonlyArray<unknown> }) => rules)
    assert.isAtLeast(rules.length, 5)
    for (const { annotations, expr } of rules) {
      assert.match(expr, /callstream_\w+/)
      assert.isNotEmpty(annotations.summary)
    }
  })

  it("take a rate of nothing but counters: a gauge that falls, as dead letters do when they are dropped, would raise it", () => {
    for (const [, metric = ""] of text("alerts.yml").matchAll(/\b(?:rate|increase)\((\w+)/gu)) {
      assert.match(metric, /_(?:total|bucket|sum|count)$/u)
    }
  })

  it("tell of a sink that waits, as of a source", () => {
    for (const state of ["parked", "backing off"]) {
      assert.include(text("alerts.yml"), `callstream_sink_state{state="${state}"} == 1`)
    }
  })

  it("mount no token of Kubernetes below a volume that is read-only: the container would not start", () => {
    assert.include(
      container.volumeMounts.map(({ mountPath }: { mountPath: string }) => mountPath),
      "/run/secrets"
    )
    assert.isFalse(pod.automountServiceAccountToken)
  })

  it("give a pipeline file that is fine", () =>
    inFolder(async (folder) => {
      const { writeFile } = await import("node:fs/promises")
      const file = resources.find(({ kind }) => kind === "ConfigMap").data["callstream.yaml"]
      const secrets = file.replaceAll(/\$\{file:[^}]*\}/gu, "secret")
      await writeFile(`${folder}/callstream.yaml`, secrets.replaceAll("/var/lib/callstream", folder))
      const { code, stderr } = await callstream(["validate"], { cwd: folder })
      assert.strictEqual(code, 0, stderr)
    }))

  it("let it drain before they kill it, and do not start again what a person has to mend", () => {
    assert.isAtLeast(Number(unit("TimeoutStopSec")), 31)
    assert.isAtLeast(pod.terminationGracePeriodSeconds, 31)
    assert.strictEqual(unit("RestartPreventExitStatus"), "1 2 3")
    assert.strictEqual(resources.find(({ kind }) => kind === "StatefulSet").spec.replicas, 1)
    assert.isTrue(pod.securityContext.runAsNonRoot)
    assert.match(dockerfile, /^USER node$/mu)
  })

  it.each(lines)(
    "%s: its command runs, probes and metrics answer, and SIGTERM ends it well",
    (_, [command, ...words]) =>
      beside({ calls: 20, port: 0 }, (sandbox) =>
        inFolder(async (folder) => {
          assert.match(command ?? "", /^(\/usr\/bin\/)?callstream$/)
          callsFile(folder, sandbox)
          const args = words.map((word) =>
            word
              .replace("/etc/callstream", folder)
              .replace(/:9090$/u, ":0")
              .replace("0.0.0.0", "127.0.0.1")
          )
          let asked = false
          const answers: Array<string> = []
          const { code, stderr } = await callstream(args, {
            cwd: folder,
            onOutput: (output, kill) => {
              const [, port] = /127\.0\.0\.1:(\d+)/u.exec(output.slice(output.indexOf("Serving"))) ?? []
              if (asked || port === undefined || !output.includes("Serving")) return
              asked = true
              void ask(`http://127.0.0.1:${port}`)
                .catch((error: unknown) => [String(error)])
                .then((told) => answers.push(...told))
                .finally(() => kill("SIGTERM"))
            }
          })
          assert.deepStrictEqual(answers, [])
          assert.strictEqual(code, 0, stderr)
        })
      ),
    120_000
  )
})

/** Asks for what the probes ask for until all is well; gives what is missing after two minutes. */
const ask = async (url: string): Promise<ReadonlyArray<string>> => {
  const probes: ReadonlyArray<string> = ["startupProbe", "livenessProbe", "readinessProbe"].map(
    (probe) => container[probe].httpGet.path
  )
  const until = Date.now() + 100_000
  while (true) {
    const codes = await Promise.all(probes.map(async (path) => ({ path, ok: (await fetch(`${url}${path}`)).ok })))
    const page = await (await fetch(`${url}/metrics`)).text()
    const missing = [
      ...codes.filter(({ ok }) => !ok).map(({ path }) => path),
      ...metrics.filter((name) => !new RegExp(`^${name}(?:\\{| )`, "mu").test(page))
    ]
    if (missing.length === 0 || Date.now() > until) return missing
    await new Promise((resume) => setTimeout(resume, 100))
  }
}
