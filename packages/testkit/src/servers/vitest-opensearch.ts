/** Global setup of a Vitest project: `inject("opensearch")` gives the nodes that the whole test run shares. */
import type { TestProject } from "vitest/node"
import { sharedOpenSearch } from "./Shared.ts"

export const setup = async (project: TestProject): Promise<() => Promise<void>> => {
  const { close, value } = await sharedOpenSearch()
  project.provide("opensearch", value)
  return close
}
