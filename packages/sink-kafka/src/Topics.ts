/**
 * Names of topics: made once, from the types that may arrive and the settings. An event's data only chooses among them;
 * nothing in it becomes part of a name.
 */
import { Result } from "effect"
import type { Event, EventType } from "@callstream/model"
import type { KafkaConfig } from "./Config.ts"

export interface Topics {
  /** Every topic that may be written to, sorted. */
  readonly names: ReadonlyArray<string>
  /** The topic of an event, or why there is none. */
  readonly of: (event: Event) => Result.Result<string, string>
  /** What stands in the sink's identity: how names are made. */
  readonly naming: string
}

/** Kafka's own limit (`org.apache.kafka.common.internals.Topic`, read 2026-11-21). */
const longestName = 249

/** Makes the topics of a sink; fails with what is wrong with the settings. */
export const makeTopics = (
  config: Pick<KafkaConfig, "topic" | "topicPrefix" | "sources">,
  place: { readonly pipeline: string; readonly types: ReadonlyArray<EventType.EventType> }
): Result.Result<Topics, string> => {
  const template = config.topic ?? `${config.topicPrefix}{type}`
  const bySource = template.includes("{source}")
  const sources = config.sources ?? {}
  if (bySource && Object.keys(sources).length === 0) {
    return Result.fail("`topic` has {source}, and `sources` does not say what that may be")
  }
  const pipeline = place.pipeline.replaceAll(/[^a-zA-Z0-9._-]/gu, "-")
  const named = new Map<string, string>()
  for (const { short, type, version } of place.types) {
    const forType = template
      .replaceAll("{type}", short)
      .replaceAll("{version}", `v${version}`)
      .replaceAll("{vendor}", type.split(".")[0] ?? "")
      .replaceAll("{pipeline}", pipeline)
    for (const [uri, name] of bySource ? Object.entries(sources) : [["", ""] as const]) {
      const topic = forType.replaceAll("{source}", name)
      if (topic.length > longestName || topic === "." || topic === "..") {
        return Result.fail(
          `"${topic}" cannot be a topic's name: Kafka allows ${longestName} characters, and no dots alone`
        )
      }
      named.set(bySource ? `${type}\n${uri}` : type, topic)
    }
  }
  const names = [...new Set(named.values())].toSorted()
  const clash = clashing(names)
  if (clash !== undefined) return Result.fail(clash)
  return Result.succeed({
    names,
    naming: template,
    of: ({ source, type }) => {
      const topic = named.get(bySource ? `${type}\n${source}` : type)
      if (topic !== undefined) return Result.succeed(topic)
      return Result.fail(
        bySource && place.types.some((known) => known.type === type)
          ? "its source is not one of `sources`, and there is no topic for others"
          : "its type was not announced, and there is no topic for it"
      )
    }
  })
}

/** Kafka makes metrics' names of topics, and refuses two that differ in dots and underscores only. */
const clashing = (names: ReadonlyArray<string>): string | undefined => {
  const seen = new Map<string, string>()
  for (const name of names) {
    const same = name.replaceAll(".", "_")
    const other = seen.get(same)
    if (other !== undefined) return `Kafka takes the topics ${other} and ${name} for the same`
    seen.set(same, name)
  }
  return undefined
}
