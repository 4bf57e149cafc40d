/** What a source has to come through: answers that go wrong, a vendor that slows it down, processes that are cut off. */
import type { Fault, RateLimit } from "@callstream/sandbox"
import type { Cut } from "./Rig.ts"

/** Faults that a source has to come through, by what they look like. */
export const faults: Readonly<Record<string, Fault | ReadonlyArray<Fault>>> = {
  "429 with a number of seconds": { kind: "429", retryAfter: 2, times: 3, skip: 1 },
  "429 with a date": { kind: "429", retryAfter: "date", times: 2, skip: 2 },
  "429 that says nothing": { kind: "429", times: 3, skip: 1 },
  "503": { kind: "503", times: 3, skip: 1 },
  "500": { kind: "500", times: 3, skip: 1 },
  "500 until the window is given up": { kind: "500", times: 12, skip: 2 },
  "connections that are reset": { kind: "reset", probability: 0.25 },
  "connections that are reset in the middle of a body": { kind: "reset-mid-body", probability: 0.25 },
  "bodies that are cut short": { kind: "truncate", times: 2, skip: 2 },
  "a login page instead of data": { kind: "html", times: 2, skip: 2 },
  "tokens that expire": [2, 5, 8].map((skip): Fault => ({ kind: "expire-token", times: 1, skip })),
  "slow answers": { kind: "slow", delayMs: 20, probability: 0.3 }
}

/** A set that changes while it is walked, some times: a window is started over and split until it can be read. */
export const shifts: Readonly<Record<string, Fault>> = {
  "a record that appears between two pages": { kind: "shift-page", shift: "insert", probability: 0.3, times: 6 },
  "a record that vanishes between two pages": { kind: "shift-page", shift: "remove", probability: 0.3, times: 6 }
}

/** Limits that a source runs into again and again, by how the vendor tells them. */
export const limits: Readonly<Record<string, RateLimit>> = {
  "a number of seconds": { requests: 20, seconds: 1, header: "seconds" },
  "a date": { requests: 20, seconds: 1, header: "date" },
  "a time of reset": { requests: 20, seconds: 1, header: "reset" },
  "nothing but 429": { requests: 20, seconds: 1, header: "none" }
}

/** Before and after some of the steps, the first and the last among them. */
export const cuts = (steps: number): ReadonlyArray<Cut> => {
  const few = Math.min(steps, 8)
  return Array.from({ length: few }, (_, i) => 1 + Math.floor((i * (steps - 1)) / Math.max(1, few - 1))).flatMap(
    (step) => [
      { step, happens: false },
      { step, happens: true }
    ]
  )
}
