/**
 * What every source keeps, whichever API it reads: each record once, whatever becomes of answers, connections and
 * processes; late and changed records too; no secret said, nothing destroyed. The source runs under the real runner,
 * against a vendor
 * that the test brings along.
 */
import { describe } from "@effect/vitest"
import { conduct } from "./Conduct.ts"
import { delivery } from "./Delivery.ts"
import { makeKit } from "./Kit.ts"
import { resilience } from "./Resilience.ts"
import type { SourceUnderTest } from "./SourceUnderTest.ts"
import type { Vendor } from "./Vendor.ts"

/** Declares the suite. */
export const sourceConformance = <V extends Vendor>(name: string, source: SourceUnderTest<V>): void => {
  describe(`${name} as a source`, () => {
    const kit = makeKit(source)
    delivery(kit)
    resilience(kit)
    conduct(kit)
  })
}
