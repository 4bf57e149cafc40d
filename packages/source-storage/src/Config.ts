/** The settings of the `storage` source. */
import { Schema } from "effect"
import { Settings } from "@callstream/core"

/** A name that needs no quoting in a path or a FIQL filter. */
const name = (expected: string) => Schema.String.check(Schema.isPattern(/^[A-Za-z0-9_.-]+$/, { expected }))

const typeNames = (description: string, examples: readonly [string, ...ReadonlyArray<string>]) =>
  Schema.NonEmptyArray(name("an object type such as callcenterrecording")).annotate({
    description,
    examples: [[examples[0], ...examples.slice(1)]]
  })

/** How media are downloaded. */
const Media = Schema.Struct({
  folder: Schema.NonEmptyString.annotate({
    description:
      "Where the files go, relative to the pipeline file: <folder>/<region>/<day it was created>/<object id>.<ending>. " +
      "Whoever looks there sees whole files only, and they are readable by their owner only.",
    examples: ["media"]
  }),
  types: Schema.optionalKey(
    typeNames("Types of objects that are downloaded. Left out: all recordings, voicemails and screen recordings.", [
      "callcenterrecording",
      "callcentervoicemail"
    ])
  ),
  by: Settings.withDefault(
    Schema.Literals(["single", "presigned", "bulk"]).annotate({
      description:
        "How: `single` asks the API for each object, `presigned` asks it for a link to the store, `bulk` has the API " +
        "pack many objects into a zip."
    }),
    "single"
  ),
  concurrency: Settings.withDefault(
    Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 16 })).annotate({ description: "Downloads at a time." }),
    2
  ),
  maxBytes: Settings.withDefault(
    Schema.Int.check(Schema.isBetween({ minimum: 1024, maximum: 1024 ** 4 })).annotate({
      description: "The largest file, bytes; a larger one becomes a dead letter."
    }),
    8 * 1024 ** 3
  )
}).annotate({
  description: "Downloads the files of media. Left out: none are; their events tell all but the sound and the pictures."
})

export const Config = Schema.Struct({
  ...Settings.sourceSettings({
    baseUrl: "https://api.8x8.com",
    poll: "1 min",
    lag: "30 s",
    // Every change moves `updatedTime`, the time that is read by: hours are enough.
    lookback: [
      { span: "15 min", every: "5 min" },
      { span: "6 h", every: "1 h" }
    ],
    perSecond: 5,
    concurrency: 4
  }),
  clientId: Schema.NonEmptyString.annotate({
    description: "Key of an API credential with the Cloud Storage API, made in 8x8 Admin Console under API Keys."
  }),
  clientSecret: Settings.secret("Secret of that credential."),
  regions: Schema.optionalKey(
    Schema.NonEmptyArray(name("a region such as us-east")).annotate({
      description: "Regions that are read. Left out: all that hold objects of the account.",
      examples: [["us-east", "uk"]]
    })
  ),
  types: Schema.optionalKey(
    typeNames("Types of objects that are read, as the vendor names them. Left out: all, also those it adds later.", [
      "callcenterrecording",
      "transcription",
      "summary"
    ])
  ),
  content: Settings.withDefault(
    Schema.Union([
      Schema.Boolean,
      typeNames("Types of objects whose content is fetched.", ["transcription", "summary"])
    ]).annotate({
      description:
        "Whether the content of transcripts, summaries, sentiment scores, surveys and notes is fetched, or of which " +
        "types. What no sink takes is not fetched."
    }),
    true
  ),
  media: Schema.optionalKey(Media),
  durationUnits: Schema.optionalKey(
    Schema.Record(name("an object type such as callcenterrecording"), Schema.Literals(["s", "ms"])).annotate({
      description:
        "The unit of the tags duration and holdDuration, by type of object, where it is not the usual one: seconds of " +
        "transcriptions, milliseconds of all others. The vendor's documents contradict their samples here.",
      examples: [{ callcenterrecording: "s" }]
    })
  ),
  maxContentBytes: Settings.withDefault(
    Schema.Int.check(Schema.isBetween({ minimum: 1024, maximum: 512 * 1024 * 1024 })).annotate({
      description: "The largest content that is fetched, in bytes; a larger one becomes a dead letter."
    }),
    32 * 1024 * 1024
  )
}).check(...Settings.together)
export type Config = typeof Config.Type
