/** The stream of call legs: one row per stretch of a call. How pages are walked is in `Rows.ts`. */
import { eventTypes } from "@callstream/model"
import { normalize } from "./CallLegsNormalize.ts"
import { kindOf } from "./Rows.ts"
import { CallLeg } from "./Wire.ts"

/** Call legs. A leg id is unique in its call only. */
export const callLegs = kindOf({
  name: "call-legs",
  path: "/v2/call-legs",
  type: eventTypes.callLeg,
  schema: CallLeg,
  subjectOf: ({ legId }, call) => `${call}/${legId}`,
  normalize
})
