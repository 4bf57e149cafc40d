/** The settings of the `recentcalls` source. Filters are judged here, before anything is sent. */
import { Schema } from "effect"
import { Settings } from "@callstream/core"

/** The most rows a page may have. Source: "Recent Calls", Pagination (read 2026-11-20). */
export const mostRows = 5000

const bound = (text: string | undefined): number => Number(text ?? Number.NaN)

/** `-1` is any value, on either side. */
const inOrder = (low: number, high: number): boolean =>
  low >= -1 && high >= -1 && (low === -1 || high === -1 || low <= high)

const range = (units: string, form: string, description: string, example: string) =>
  Schema.optionalKey(
    Schema.String.annotate({ description: `${description} ${form}; -1 is any value.`, examples: [example] }).check(
      Schema.makeFilter((text: string) => {
        const [, low, high] = new RegExp(`^(?:${units}):(-1|\\d+),(-1|\\d+)$`).exec(text) ?? []
        return inOrder(bound(low), bound(high)) ? undefined : `Expected ${form} with X at most Y, such as ${example}`
      })
    )
  )

const counts = (description: string, example: string) => range("range", "range:X,Y", description, example)
const times = (description: string, example: string) => range("sec|min", "sec:X,Y or min:X,Y", description, example)

const ids = (description: string, examples: readonly [string, ...ReadonlyArray<string>]) =>
  Schema.optionalKey(
    Schema.NonEmptyArray(Schema.NonEmptyString).annotate({
      description,
      examples: [[examples[0], ...examples.slice(1)]]
    })
  )

/** What the vendor can select by. All filters must fit. Source: "Recent Calls", Body (read 2026-11-20). */
const Filters = Schema.Struct({
  callerName: Schema.optionalKey(
    Schema.NonEmptyString.annotate({
      description: "A part of the caller's name or number.",
      examples: ["5551212"]
    })
  ),
  tenantAgents: ids("Ids of agents; one of them took part.", ["ag7rcjEueDRuGblqngmiaaa"]),
  tenantQueues: ids("Ids of queues; the call went through one of them.", ["2583", "1196"]),
  tenantGroups: ids("Ids of agent groups; one of them took part.", ["2577"]),
  tenantChannels: ids("Numbers of channels; the call came in on one of them.", ["16695551913"]),
  agentHoldCount: counts("How often an agent put the call on hold.", "range:2,-1"),
  agentMuteCount: counts("How often an agent muted the call.", "range:1,1"),
  transferCount: counts("How often the call was transferred.", "range:1,-1"),
  callDuration: times("How long the call lasted.", "sec:60,-1"),
  timeInQueue: times("How long it waited, in all queues together.", "sec:60,120"),
  timeInIVR: times("How long it was in voice menus, in all together.", "sec:15,360"),
  agentCallDuration: times("How long agents handled it.", "min:5,-1"),
  agentHoldDuration: times("How long it was on hold, all holds together.", "sec:30,-1")
}).annotate({ description: "Which calls are read. Left out: all." })
export type Filters = typeof Filters.Type

export const Config = Schema.Struct({
  ...Settings.sourceSettings({
    baseUrl: "https://api.8x8.com/customerexperience/v1/recentCallData",
    poll: "1 min",
    lag: "1 min",
    // A call shows when it has ended, under the time it began; surveys and spoken comments follow.
    lookback: [
      { span: "1 h", every: "5 min" },
      { span: "6 h", every: "1 h" },
      { span: "3 d", every: "1 d" },
      { span: "30 d", every: "7 d" }
    ],
    perSecond: 1,
    concurrency: 2
  }),
  region: Schema.Literals(["us", "uk"]).annotate({
    description: "Where the tenant is: `uk` for tenants in the UK and the EU, `us` for all others."
  }),
  tenantId: Schema.NonEmptyString.annotate({
    description: "Name of the contact-centre tenant, from Configuration Manager.",
    examples: ["acmecorp01"]
  }),
  apiKey: Settings.secret("Key of an API credential made in Admin Console; its secret is not needed."),
  token: Settings.secret("The token that 8x8 gives out for this API, per tenant, on request."),
  filters: Schema.optionalKey(Filters),
  rows: Settings.withDefault(
    Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: mostRows })).annotate({
      description: "Calls per page. A window of more than a few pages is split."
    }),
    mostRows
  )
}).check(...Settings.together)
export type Config = typeof Config.Type
