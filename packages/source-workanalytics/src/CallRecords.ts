/** The stream of call records: one row per call. How pages are walked is in `Rows.ts`. */
import { eventTypes } from "@callstream/model"
import { normalize } from "./CallRecordsNormalize.ts"
import { kindOf } from "./Rows.ts"
import { CallRecord } from "./Wire.ts"

/** Call records. A call id is a counter of its PBX: two PBXes may have the same. */
export const callRecords = kindOf({
  name: "call-records",
  path: "/v2/call-records",
  type: eventTypes.call,
  schema: CallRecord,
  subjectOf: (_, call) => call,
  normalize
})
