/** The settings of the `workanalytics` source. */
import { Schema } from "effect"
import { Settings } from "@callstream/core"

/** The most rows a page may have. Source: OpenAPI file "Work Analytics Historical", pageSize (read 2026-11-20). */
export const mostRows = 7000

/** The vendor takes several names parted by commas, and one word for all: neither can be the name of one PBX. */
const PbxName = Schema.NonEmptyString.check(
  Schema.makeFilter((name: string) =>
    name.includes(",") || name === "allpbxes"
      ? "Expected the name of one PBX; for all PBXes leave `pbxes` out"
      : undefined
  )
)

export const Config = Schema.Struct({
  ...Settings.sourceSettings({
    baseUrl: "https://api.8x8.com/analytics/work",
    poll: "5 min",
    lag: "1 min",
    // A call shows some minutes after its end, its legs at times later, and both change until all legs have ended.
    lookback: [
      { span: "1 h", every: "5 min" },
      { span: "12 h", every: "1 h" },
      { span: "3 d", every: "1 d" },
      { span: "30 d", every: "7 d" }
    ],
    // The vendor documents no limit here; a neighbouring API of his allows 10 requests a minute.
    perSecond: 0.5,
    concurrency: 2
  }),
  apiKey: Settings.secret("Key of an API credential made in Admin Console; its secret is not needed."),
  username: Schema.NonEmptyString.annotate({
    description: "8x8 user with access to Work Analytics, who has opened it in a browser at least once.",
    examples: ["analytics@acme.example"]
  }),
  password: Settings.secret("Password of that user."),
  pbxes: Schema.optionalKey(
    Schema.NonEmptyArray(PbxName).annotate({
      description: "Names of the PBXes to read, as in Admin Console. Left out: all that are not deleted.",
      examples: [["acmecorp", "acmecorp2"]]
    })
  ),
  pageSize: Settings.withDefault(
    Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: mostRows })).annotate({
      description: "Rows per page. Larger pages take the vendor longer, and more memory here."
    }),
    1000
  )
})
export type Config = typeof Config.Type
