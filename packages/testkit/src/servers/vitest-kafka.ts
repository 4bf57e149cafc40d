/** Global setup of a Vitest project: `inject("kafka")` gives the Kafka that the whole test run shares. */
import type { TestProject } from "vitest/node"
import { sharedKafka } from "./Shared.ts"

export const setup = async (project: TestProject): Promise<() => Promise<void>> => {
  const { close, value } = await sharedKafka()
  project.provide("kafka", value)
  return close
}
