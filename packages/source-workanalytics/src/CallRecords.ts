/** The stream of call records: one row per call. How pages are walked is in `Rows.ts`. */
import { eventTypes } from "@callstream/model"
import { Row } from "@callstream/core"
import { normalize } from "./CallRecordsNormalize.ts"
import { bornOf, callOf, type Kind } from "./Rows.ts"
import { CallRecord } from "./Wire.ts"

const rowOf = Row.checked(CallRecord)

/** Call records. A call id is a counter of its PBX: two PBXes may have the same. */
export const callRecords: Kind = {
  name: "call-records",
  path: "/v2/call-records",
  type: eventTypes.call,
  recordOf: (given, pbx) => {
    const row = rowOf(given)
    if ("unreadable" in row) return row
    const call = callOf(row, pbx)
    return {
      type: eventTypes.call,
      subject: call,
      ...bornOf(row),
      op: "upsert",
      content: Row.fromParsed(row),
      conversation: call,
      normalize: () => normalize(row, pbx)
    }
  }
}
