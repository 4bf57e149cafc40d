// The sandbox's own endpoints under /_sandbox/: what tests in another process ask for and change.
import type { Company } from "./Company.ts"
import type { Fault, Faults } from "./Faults.ts"
import { json, type Ask, type Reply } from "./Http.ts"
import type { Knobs } from "./Knobs.ts"
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

/** `{"change": "touchObject", "args": ["us-east", "…"]}`: a function of the company, with its arguments in order. */
const change = (company: Company, body: unknown): Reply => {
  const { args, change: name } = (body ?? {}) as { readonly change?: string; readonly args?: ReadonlyArray<unknown> }
  const known = changes.find((each) => each === name)
  if (known === undefined) return json(400, { message: `change must be one of ${changes.join(", ")}` })
  const call = company[known] as (...given: ReadonlyArray<unknown>) => unknown
  return json(200, { result: call(...(args ?? [])) })
}

const parse = (body: Buffer): unknown => (body.length === 0 ? undefined : JSON.parse(body.toString("utf8")))

/** Answers a request under `/_sandbox/`. */
export const makeControl = (parts: ControlParts) => {
  const { company, faults, world } = parts
  const routes: Readonly<Record<string, (ask: Ask) => Reply>> = {
    "GET /records": ({ query }) => json(200, truths(world, query.get("stream") ?? undefined, query.has("rows"))),
    "GET /requests": () => json(200, parts.requests()),
    "DELETE /requests": () => {
      parts.clearRequests()
      return { status: 204 }
    },
    "GET /forbidden": () => json(200, parts.forbidden()),
    "GET /faults": () => json(200, faults.list()),
    "POST /faults": ({ body }) => {
      faults.add(parse(body) as Fault)
      return { status: 204 }
    },
    "DELETE /faults": () => {
      faults.clear()
      return { status: 204 }
    },
    "POST /calls": ({ body }) => {
      const { count = 1 } = (parse(body) ?? {}) as { readonly count?: number }
      return json(200, { calls: company.addCalls(count) })
    },
    "POST /change": ({ body }) => change(company, parse(body)),
    "GET /knobs": () => json(200, world.knobs),
    "POST /knobs": ({ body }) => {
      parts.setKnobs(parse(body) as Partial<Knobs>)
      return { status: 204 }
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
