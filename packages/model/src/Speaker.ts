/** Who says or writes something. */
import type { Passage } from "./EventType.ts"
import * as Field from "./Field.ts"

/** `agent` is our side (a contact-centre agent, a Work user), `customer` the other side, `system` nobody. */
export const speakers = ["agent", "customer", "system"] as const
export type Speaker = (typeof speakers)[number]

/** What a turn of a conversation has, spoken or typed. */
export const turnFields = {
  text: Field.requiredText("What was said or written."),
  speaker: Field.oneOf(speakers, "Who said it: `agent` is our side, `customer` the other side, `system` nobody."),
  startMs: Field.millis("When it began, milliseconds from the beginning of the conversation."),
  endMs: Field.millis("When it ended, milliseconds from the beginning of the conversation.")
}

interface Turn {
  readonly text: string
  readonly speaker?: string | undefined
  readonly startMs?: number | undefined
  readonly endMs?: number | undefined
}

/** The searchable part of a turn. */
export const passageOf = ({ endMs, speaker, startMs, text }: Turn): Passage => ({
  text,
  ...(speaker === undefined ? {} : { speaker }),
  ...(startMs === undefined ? {} : { startMs }),
  ...(endMs === undefined ? {} : { endMs })
})
