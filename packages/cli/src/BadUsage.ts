/** The command line asks for something that cannot be done: fatal, exit 2. */
import { Schema } from "effect"

export class BadUsage extends Schema.TaggedError<BadUsage>()("BadUsage", {
  /** What is wrong and what to type instead. */
  reason: Schema.String
}) {
  override get message(): string {
    return this.reason
  }
}
