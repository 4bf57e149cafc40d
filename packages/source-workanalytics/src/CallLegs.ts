/** The stream of call legs: one row per stretch of a call. How pages are walked is in `Rows.ts`. */
import { eventTypes } from "@callstream/model"
import { Row } from "@callstream/core"
import { normalize } from "./CallLegsNormalize.ts"
import { bornOf, callOf, type Kind } from "./Rows.ts"
import { CallLeg } from "./Wire.ts"

const rowOf = Row.checked(CallLeg)

/** Call legs. A leg id is unique in its call only. */
export const callLegs: Kind = {
  name: "call-legs",
  path: "/v2/call-legs",
  type: eventTypes.callLeg,
  recordOf: (given, pbx) => {
    const row = rowOf(given)
    if ("unreadable" in row) return row
    const call = callOf(row, pbx)
    return {
      type: eventTypes.callLeg,
      subject: `${call}/${row.legId}`,
      ...bornOf(row),
      op: "upsert",
      content: Row.fromParsed(row),
      conversation: call,
      normalize: () => normalize(row, pbx)
    }
  }
}
