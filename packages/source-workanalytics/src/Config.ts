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

/** The most extensions of a filter. Source: OpenAPI file "Work Analytics Historical", caller (read 2026-11-20). */
const mostExtensions = 125

const extensions = (description: string) =>
  Schema.optionalKey(
    Schema.NonEmptyArray(
      Schema.NonEmptyString.check(
        Schema.makeFilter((text: string) =>
          /[\s,]/.test(text) ? "Expected one extension, such as 120088, without commas or blanks" : undefined
        )
      )
    )
      .annotate({ description, examples: [["120088"]] })
      .check(Schema.isMaxLength(mostExtensions))
  )

/** What the vendor can select by: extensions only, whole. Source: as above, caller, callee, callerOrCallee. */
const Filters = Schema.Struct({
  caller: extensions("Extensions; one of them called."),
  callee: extensions("Extensions; one of them was called."),
  callerOrCallee: extensions("Extensions; one of them called or was called. Not together with the other two.")
})
  .annotate({ description: "Which calls and legs are read. Left out: all." })
  .check(
    Schema.makeFilter(({ callee, caller, callerOrCallee }) =>
      callerOrCallee !== undefined && (caller !== undefined || callee !== undefined)
        ? "Expected callerOrCallee, or caller and callee: the vendor does not take them together"
        : undefined
    )
  )

/** What may be said about legs. Source: OpenAPI file, isSimplified, isConnectTime (read 2026-11-20). */
const Legs = Schema.Struct({
  simplified: Settings.withDefault(
    Schema.Boolean.annotate({
      description: "Leaves out child calls, and the legs of forking and recording."
    }),
    false
  ),
  window: Settings.withDefault(
    Schema.Literals(["disconnected", "connected"]).annotate({
      description: "Which time of a leg is read by. By `connected`, legs that nobody answered do not show."
    }),
    "disconnected" as const
  )
}).annotate({ description: "Which legs are read, and when." })

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
  filters: Schema.optionalKey(Filters),
  legs: Settings.withDefault(Legs, { simplified: false, window: "disconnected" }),
  pageSize: Settings.withDefault(
    Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: mostRows })).annotate({
      description: "Rows per page. Larger pages take the vendor longer, and more memory here."
    }),
    mostRows
  )
}).check(...Settings.together)
export type Config = typeof Config.Type
