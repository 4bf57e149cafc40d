/** Applies steps to a batch, in order: what goes on, what is dropped, what is refused. */
import type { Event } from "@callstream/model"
import type { Step } from "../contract/Step.ts"
import type { Entry } from "./Batch.ts"

export interface Stepping {
  readonly kept: ReadonlyArray<Entry>
  readonly dropped: ReadonlyArray<Entry>
  readonly refused: ReadonlyArray<{ readonly entry: Entry; readonly reason: string }>
}

/** A refusal keeps the entry as it was before the step that refused it. */
export const apply = (steps: ReadonlyArray<Step>, entries: ReadonlyArray<Entry>): Stepping => {
  let kept = entries
  const dropped: Array<Entry> = []
  const refused: Array<{ readonly entry: Entry; readonly reason: string }> = []
  for (const step of steps) {
    if (kept.length === 0) break
    const answers = step.apply(kept.map((entry) => entry.event))
    if (answers.length !== kept.length) {
      throw new Error(`A step answered ${answers.length} of ${kept.length} events`)
    }
    const next: Array<Entry> = []
    kept.forEach((entry, i) => {
      const answer = answers[i]
      if (answer === undefined || answer === "drop") dropped.push(entry)
      else if ("refused" in answer) refused.push({ entry, reason: answer.refused })
      else next.push(answer === entry.event ? entry : { ...entry, event: changed(entry.event, answer) })
    })
    kept = next
  }
  return { kept, dropped, refused }
}

/** What a step says of data and time; all else of an event is not its affair, and a delete has no data. */
const changed = ({ data: _data, time: _time, ...event }: Event, { data, time }: Event): Event => ({
  ...event,
  ...(time === undefined ? {} : { time }),
  ...(data === undefined || event.op === "delete" ? {} : { data })
})
