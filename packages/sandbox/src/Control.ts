// The sandbox's own endpoints under /_sandbox/: what tests in another process ask for and change.
import { Schema } from "effect"
import type { Company } from "./Company.ts"
import { faultKinds, type Faults } from "./Faults.ts"
import { json, type Ask, type Reply } from "./Http.ts"
import { isKnobs, type Knobs } from "./Knobs.ts"
import { truths } from "./Truth.ts"
import type { RequestLog } from "./Server.ts"
import type { World } from "./World.ts"

export interface ControlParts {
  readonly world: World
  readonly company: Company
  readonly faults: Faults
  readonly requests: () => ReadonlyArray<RequestLog>
  readonly clearRequests: () => void
  readonly forbidden: () => ReadonlyArray<RequestLog>
  readonly setKnobs: (knobs: Partial<Knobs>) => void
  /** Base URLs and credentials. */
  readonly access: () => unknown
}

const changes = [
  "addCall",
  "addChat",
  "addWorkCall",
  "touchObject",
  "replaceContent",
  "setObjectState",
  "changeCall",
  "changeFile",
  "changeCallRecord",
  "addCallLeg",
  "remove"
] as const

const FaultBody = Schema.Struct({
  kind: Schema.Literals(faultKinds),
  match: Schema.optionalKey(
    Schema.Struct({
      api: Schema.optionalKey(Schema.Literals(["storage", "recordings", "recentcalls", "workanalytics"])),
      pathIncludes: Schema.optionalKey(Schema.String),
      method: Schema.optionalKey(Schema.String)
    })
  ),
  times: Schema.optionalKey(Schema.Number),
  skip: Schema.optionalKey(Schema.Number),
  probability: Schema.optionalKey(Schema.Number),
  retryAfter: Schema.optionalKey(Schema.Union([Schema.Number, Schema.Literal("date")])),
  delayMs: Schema.optionalKey(Schema.Number),
  status: Schema.optionalKey(Schema.Number),
  body: Schema.optionalKey(Schema.String),
  shift: Schema.optionalKey(Schema.Literals(["insert", "remove"]))
})

const CallsBody = Schema.Struct({ count: Schema.optionalKey(Schema.Int) })

/** `{"change": "touchObject", "args": ["us-east", "…"]}`: a function of the company, with its arguments in order. */
const ChangeBody = Schema.Struct({
  change: Schema.Literals(changes),
  args: Schema.optionalKey(Schema.Array(Schema.Unknown))
})

const strict = { onExcessProperty: "error", errors: "all" } as const
const readFault = Schema.decodeUnknownSync(Schema.fromJsonString(FaultBody), strict)
const readCalls = Schema.decodeUnknownSync(Schema.fromJsonString(CallsBody), strict)
const readChange = Schema.decodeUnknownSync(Schema.fromJsonString(ChangeBody), strict)

const text = ({ body }: Ask): string => (body.length === 0 ? "{}" : body.toString("utf8"))

const done: Reply = { status: 204 }

/** Answers a request under `/_sandbox/`. */
export const makeControl = (parts: ControlParts) => {
  const { company, faults, world } = parts
  const routes: Readonly<Record<string, (ask: Ask) => Reply>> = {
    "GET /records": ({ query }) => json(200, truths(world, query.get("stream") ?? undefined, query.has("rows"))),
    "GET /requests": () => json(200, parts.requests()),
    "DELETE /requests": () => {
      parts.clearRequests()
      return done
    },
    "GET /forbidden": () => json(200, parts.forbidden()),
    "GET /faults": () => json(200, faults.list()),
    "POST /faults": (ask) => {
      faults.add(readFault(text(ask)))
      return done
    },
    "DELETE /faults": () => {
      faults.clear()
      return done
    },
    "POST /calls": (ask) => json(200, { calls: company.addCalls(readCalls(text(ask)).count ?? 1) }),
    "POST /change": (ask) => {
      const { args = [], change } = readChange(text(ask))
      const result: unknown = Reflect.apply(company[change], company, args)
      return json(200, { result })
    },
    "GET /knobs": () => json(200, world.knobs),
    "POST /knobs": (ask) => {
      const knobs: unknown = JSON.parse(text(ask))
      if (!isKnobs(knobs)) return json(400, { message: "There is no such knob, or not of this kind" })
      parts.setKnobs(knobs)
      return done
    },
    "GET /credentials": () => json(200, parts.access())
  }
  return (ask: Ask): Reply => {
    const route = routes[`${ask.method} ${ask.path.slice("/_sandbox".length).replace(/\/$/, "")}`]
    if (route === undefined) return json(404, { message: "Known here", routes: Object.keys(routes) })
    try {
      return route(ask)
    } catch (error) {
      return json(400, { message: String(error) })
    }
  }
}
