/** The settings of the `recordings` source. */
import { DateTime, Option, Schema } from "effect"
import { Settings } from "@callstream/core"

export const Config = Schema.Struct({
  ...Settings.sourceSettings({
    poll: "1 min",
    lag: "1 min",
    // A call shows when it has ended, under the time it began, and may be completed an hour later.
    lookback: [
      { span: "2 h", every: "5 min" },
      { span: "12 h", every: "1 h" },
      { span: "3 d", every: "1 d" }
    ],
    perSecond: 1,
    concurrency: 2
  }),
  tenant: Schema.NonEmptyString.annotate({
    description: "Name of the contact-centre tenant; its platform stands in baseUrl.",
    examples: ["acmecorp01"]
  }),
  token: Settings.secret(
    "The Data Request Token of the tenant: Configuration Manager, Integration, API Token. A new token ends the one before."
  ),
  format: Settings.withDefault(
    Schema.Literals(["xml", "csv", "json"]).annotate({
      description: "The form answers are asked for in. Older hosts know no json. What is read from them is the same."
    }),
    "xml"
  ),
  timezone: Settings.withDefault(
    Schema.NonEmptyString.annotate({
      description:
        "Zone in which the vendor writes times, an IANA name. It changes how they are written, not which they are."
    }).check(
      Schema.makeFilter((name: string) =>
        Option.isSome(DateTime.zoneMakeNamed(name)) ? undefined : "Expected a time zone such as UTC or America/New_York"
      )
    ),
    "UTC"
  )
})
export type Config = typeof Config.Type
