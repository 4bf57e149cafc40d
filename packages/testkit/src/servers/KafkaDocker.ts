/** Kafka in a container of Apache's own image, which has the jars in /opt/kafka/libs. */
import { openContainer } from "./Docker.ts"
import type { KafkaSite } from "./KafkaSite.ts"

const image = "apache/kafka:4.3.1"

const java = ["-Xmx256m", "-XX:+UseSerialGC", "-cp", "/opt/kafka/libs/*"]

/** Rejects with a sentence when that is not possible. */
export const kafkaInDocker = async (ports: ReadonlyArray<number>): Promise<KafkaSite> => {
  const place = await openContainer(image, ports)
  return {
    place,
    format: async (_folder, id, clusterId, users) => {
      const credentials = Object.entries(users).flatMap(([name, password]) =>
        ["256", "512"].flatMap((bits) => ["--add-scram", `SCRAM-SHA-${bits}=[name=${name},password=${password}]`])
      )
      const configuration = ["--config", `${place.folder}/server-${id}.properties`]
      const command = ["kafka.tools.StorageTool", "format", "--cluster-id", clusterId]
      await place.run(`exec java "$@"`, ...java, ...command, ...configuration, ...credentials)
    },
    start: (name, properties) => place.start(name, "java", [...java, "kafka.Kafka", properties])
  }
}
