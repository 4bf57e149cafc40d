import { spawnSync } from "node:child_process"
import { fileURLToPath } from "node:url"
import { assert, describe, it } from "@effect/vitest"

const script = `
import { registerHooks } from "node:module"
const asked = new Set()
registerHooks({ resolve: (name, context, next) => { asked.add(name); return next(name, context) } })
const { plugin } = await import("@callstream/sink-kafka")
const clients = () => ["@platformatic/kafka", "kafkajs"].filter((name) => asked.has(name))
const before = clients()
await import("./src/drivers/KafkaJs.ts")
console.log(JSON.stringify({ name: plugin.name, before, after: clients() }))
`

describe("the plugin", () => {
  it("loads no Kafka client until a sink is opened: validating a file must be fast", () => {
    const { stderr, stdout } = spawnSync(
      process.execPath,
      ["--conditions=@repo/source", "--input-type=module", "--eval", script],
      { cwd: fileURLToPath(new URL("..", import.meta.url)), encoding: "utf8" }
    )
    assert.deepStrictEqual(JSON.parse(stdout || JSON.stringify(stderr)), {
      name: "kafka",
      before: [],
      after: ["kafkajs"]
    })
  })
})
