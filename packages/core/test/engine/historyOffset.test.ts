/** Random histories of a walk by offset. */
import { describe } from "@effect/vitest"
import { anyHistory } from "../support/History.ts"

describe("any history of a walk by offset", () => {
  anyHistory("offset")
})
