// How the Recordings API writes its rows, before they become XML, CSV or JSON. Source: Recordings API, read 2026-11-20.
import type { Knobs } from "./Knobs.ts"
import type { ChatTranscript, RecordingFile } from "./Records.ts"
import { offsetText, wallClock } from "./Time.ts"

/** `2007-12-19T19:16:36-08:00`. */
const isoInZone = (zone: string, at: number): string =>
  `${wallClock(zone, at).slice(0, 19)}${offsetText(zone, at, ":")}`

/** A row of `files`. `wrapUpCode` is nested (newer document) or empty (older one). */
export const fileRow = (file: RecordingFile, zone: string, knobs: Knobs) => ({
  startDate: isoInZone(zone, file.startedAt),
  ...file.row,
  wrapUpCode:
    file.wrapUpCodes.length === 0 || knobs.recordingsWrapUp === "empty" || knobs.recordingsFamily === "older"
      ? ""
      : { transactionCodes: { transactionCode: file.wrapUpCodes } }
})

/** A row of `transcripts`, with its messages where one transcript is asked for. */
export const transcriptRow = (transcript: ChatTranscript, zone: string, messages: boolean) => ({
  startDate: isoInZone(zone, transcript.startedAt),
  ...transcript.row,
  metaDatas: transcript.metaData.length === 0 ? "" : { metaData: transcript.metaData },
  ...(messages
    ? {
        messages: {
          message: transcript.messages.map(({ at, ...message }) => ({ messageTime: isoInZone(zone, at), ...message }))
        }
      }
    : {})
})
