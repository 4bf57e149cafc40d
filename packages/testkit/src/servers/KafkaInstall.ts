/** A Kafka on this machine's disk: its jars, resolved by Maven, and what makes its starts quick. */
import { existsSync, readFileSync } from "node:fs"
import { cp, readdir, readFile, writeFile } from "node:fs/promises"
import { delimiter, join } from "node:path"
import { setTimeout as sleep } from "node:timers/promises"
import { fileURLToPath } from "node:url"
import { cacheFolder, digest, once } from "./Cache.ts"
import { chooseJava, findJavas, type Java, maven, runCommand } from "./Java.ts"
import { liveBrokers } from "./KafkaProbe.ts"
import { kafkaProperties } from "./KafkaProperties.ts"
import type { KafkaSite } from "./KafkaSite.ts"
import { freePorts } from "./Ports.ts"
import { openWorkplace } from "./Workplace.ts"

const pom = fileURLToPath(new URL("../../java/kafka.xml", import.meta.url))

/** Serial collection and the first compiler suit short lives. */
const flags = [
  "-Xms64m",
  "-Xmx256m",
  "-XX:+UseSerialGC",
  "-XX:TieredStopAtLevel=1",
  "-XX:-UsePerfData",
  "-Djava.awt.headless=true",
  "-Dorg.slf4j.simpleLogger.showDateTime=true",
  "-Dorg.slf4j.simpleLogger.dateTimeFormat=HH:mm:ss.SSS"
]

export interface KafkaInstall {
  readonly java: string
  /** Arguments of a broker that reads this properties file. */
  readonly brokerArguments: (properties: string) => ReadonlyArray<string>
  /** Makes the folder of a node's log, as `kafka-storage format` does, for a cluster of this id. */
  readonly format: (
    folder: string,
    id: number,
    clusterId: string,
    users: Readonly<Record<string, string>>
  ) => Promise<void>
}

const jars = (root: string) =>
  once(join(root, "jars"), async (folder) => {
    await maven(pom, "dependency:copy-dependencies", `-DoutputDirectory=${folder}`, "-DincludeScope=runtime")
  })

/** A formatted folder, made once per node id and set of users: a second JVM for each start is saved. */
const template = (root: string, java: string, classpath: string, id: number, users: Readonly<Record<string, string>>) =>
  once(join(root, `node-${id}-${digest(users)}`), async (folder) => {
    const configuration = join(folder, "server.properties")
    const ports = Array.from({ length: id }, () => ({ plaintext: 1, controller: 2, sasl: 3, tls: 4 }))
    await writeFile(configuration, kafkaProperties({ id, ports, data: join(folder, "data"), bind: "127.0.0.1" }))
    const credentials = Object.entries(users).flatMap(([name, password]) =>
      ["256", "512"].flatMap((bits) => ["--add-scram", `SCRAM-SHA-${bits}=[name=${name},password=${password}]`])
    )
    const quiet = "-Dorg.slf4j.simpleLogger.defaultLogLevel=error"
    const command = ["kafka.tools.StorageTool", "format", "--cluster-id", "AAAAAAAAAAAAAAAAAAAAAQ"]
    await runCommand(java, [...flags, quiet, "-cp", classpath, ...command, "--config", configuration, ...credentials])
  })

/** Gives a copy of a formatted folder the id of its cluster. */
const adopt = async (folder: string, clusterId: string) => {
  const file = join(folder, "meta.properties")
  await writeFile(file, (await readFile(file, "utf8")).replace(/^cluster\.id=.*$/m, `cluster.id=${clusterId}`))
}

/** Loaded classes of one throw-away broker, which spare later ones 0.8 s of 2 s. A JVM ignores it when it does not fit. */
const classArchive = (root: string, { home, version }: Java, install: KafkaInstall) =>
  once(join(root, `classes-${digest(home, version)}`), async (folder) => {
    const workplace = await openWorkplace("kafka")
    try {
      const [plaintext = 0, controller = 0] = await freePorts(2)
      const data = join(workplace.folder, "data")
      const properties = join(workplace.folder, "server.properties")
      const ports = [{ plaintext, controller, sasl: 0, tls: 0 }]
      await install.format(data, 1, "AAAAAAAAAAAAAAAAAAAAAQ", {})
      await writeFile(properties, kafkaProperties({ id: 1, ports, data, bind: "127.0.0.1" }))
      const args = [`-XX:ArchiveClassesAtExit=${join(folder, "kafka.jsa")}`, ...install.brokerArguments(properties)]
      const broker = await workplace.start("broker", install.java, args)
      while (!(await broker.isGone()) && (await liveBrokers(`127.0.0.1:${plaintext}`)) === 0) await sleep(50)
      await broker.signal("TERM")
      await broker.gone()
    } finally {
      await workplace.close()
    }
  })

/** Finds Java, and fetches and prepares what is not in the cache yet. Throws a sentence when something is missing. */
const installKafka = async (): Promise<KafkaInstall> => {
  const java = chooseJava(findJavas(), 17)
  const root = join(cacheFolder(), "kafka", digest(readFileSync(pom, "utf8")))
  const lib = await jars(root)
  const files = (await readdir(lib)).filter((file) => file.endsWith(".jar")).sort()
  const classpath = files.map((file) => join(lib, file)).join(delimiter)
  const binary = join(java.home, "bin/java")
  const bare: KafkaInstall = {
    java: binary,
    brokerArguments: (properties) => [...flags, "-cp", classpath, "kafka.Kafka", properties],
    format: async (folder, id, clusterId, users) => {
      await cp(join(await template(root, binary, classpath, id, users), "data"), folder, { recursive: true })
      await adopt(folder, clusterId)
    }
  }
  const archive = join(await classArchive(root, java, bare), "kafka.jsa")
  if (!existsSync(archive)) return bare
  const share = [`-XX:SharedArchiveFile=${archive}`, "-Xshare:auto"]
  return { ...bare, brokerArguments: (properties) => [...share, ...bare.brokerArguments(properties)] }
}

/** Kafka on this machine's Java. Rejects with a sentence when that is not possible. */
export const kafkaOnJava = async (): Promise<KafkaSite> => {
  const { brokerArguments, format, java } = await installKafka()
  const place = await openWorkplace("kafka")
  return {
    place,
    format,
    start: (name, properties) => place.start(name, java, brokerArguments(properties))
  }
}
