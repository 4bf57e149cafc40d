/**
 * The recording of an agent's screen during a call.
 *
 * Origin: storage; so the descriptions name its fields only.
 */
import { Schema } from "effect"
import * as EventType from "./EventType.ts"
import * as Field from "./Field.ts"
import { joinFields } from "./Parties.ts"
import { storedFields } from "./StoredObject.ts"

export const ScreenRecording = Schema.Struct({
  callId: Field.text("The call: an interaction GUID: tag `callId`."),
  ...joinFields,
  startedAt: Field.instant("When it began: tag `startTime`, or `recording_start_time`."),
  durationMs: Field.millis("How long it lasts: tag `duration`."),
  startedBy: Field.text("What started it, e.g. `vcc-agui`: tag `startedBy`."),
  platformTenant: Field.text("Platform and tenant, e.g. `NA12_acmecorp01`: tag `identifier`."),
  ...storedFields,
  ...Field.asRead
}).annotate({ title: "Screen recording", description: "The recording of an agent's screen during a call." })
export type ScreenRecording = typeof ScreenRecording.Type

export const screenRecordingType = EventType.make("callstream.screen-recording.v1", ScreenRecording, {
  flat: ["tags", "raw"]
})
