/** The order in which a server is found, and what is said when there is none. */
import { assert, describe, it } from "@effect/vitest"
import { addressWay, firstWay, type Way } from "../../src/servers/Finding.ts"
import { ServerMissing } from "../../src/servers/ServerMissing.ts"

const has = (name: string): Way<string> => ({ name, open: async () => name })

const lacks = (name: string, reason: string): Way<string> => ({ ...has(name), absent: async () => reason })

const breaks = (name: string, reason: string): Way<string> => ({ name, open: () => Promise.reject(new Error(reason)) })

const address = (value: string, open = async (addresses: ReadonlyArray<string>) => addresses.join("+")) =>
  addressWay("KAFKA_BROKERS", { KAFKA_BROKERS: value }, open)

const failure = async (ways: ReadonlyArray<Way<string>>, own = false): Promise<ServerMissing> => {
  const error: unknown = await firstWay("Kafka", ways, own).then(
    () => undefined,
    (error: unknown) => error
  )
  if (!(error instanceof ServerMissing)) throw new Error("something was found")
  return error
}

describe("the order of finding", () => {
  it("takes an address that was given before Docker, and Docker before Java", async () => {
    assert.strictEqual(await firstWay("Kafka", [address("a:1, b:2"), has("Docker"), has("Java")], false), "a:1+b:2")
    assert.strictEqual(await firstWay("Kafka", [address(""), has("Docker"), has("Java")], false), "Docker")
  })

  it("goes on to Java when Docker is absent, and when it fails", async () => {
    const java = has("Java")
    assert.strictEqual(await firstWay("Kafka", [lacks("Docker", "no daemon"), java], true), "Java")
    assert.strictEqual(await firstWay("Kafka", [breaks("Docker", "no image"), java], true), "Java")
  })

  it("takes nothing else when the address that was given does not answer", async () => {
    const down = address("a:1", () => Promise.reject(new Error("no Kafka answers at a:1")))
    const { tried } = await failure([down, has("Docker")])
    assert.deepStrictEqual(tried, ["KAFKA_BROKERS: no Kafka answers at a:1; without it the other ways are tried"])
  })

  it("says what was tried and what would mend it", async () => {
    const ways = [address(""), lacks("Docker", "there is no Docker socket"), breaks("Java", "no Java 17 or newer")]
    const { message } = await failure(ways)
    assert.include(message, "There is no Kafka for the tests. Tried:")
    assert.include(message, "- KAFKA_BROKERS: it is not set\n- Docker: there is no Docker socket\n- Java: no Java 17")
    for (const remedy of ["Set KAFKA_BROKERS", "start Docker", "install a JDK"]) assert.include(message, remedy)
  })

  it("does not name an address as a remedy for a server that is to be broken", async () => {
    const { message } = await failure([lacks("Docker", "no daemon")], true)
    assert.notInclude(message, "KAFKA_BROKERS")
    assert.include(message, "There is no Kafka for the tests to break.")
  })
})
