/** The help desk, as far as its API shows it: a list of tickets behind the testing server of the sandbox. */
import { Effect } from "effect"
import { type Ask, type Reply, serve } from "@callstream/sandbox"
import type { VendorOptions } from "@callstream/testkit"

export interface Ticket {
  readonly id: string
  readonly changed: number
  readonly title: string
  readonly body?: string
  readonly labels?: Readonly<Record<string, string>>
  readonly deleted?: boolean
}

export const token = "desk-token-8812"

const sizes = { few: 12, usual: 40, many: 120 }

const json = (status: number, value: unknown): Reply => ({
  status,
  headers: { "content-type": "application/json" },
  body: JSON.stringify(value)
})

/** Where a ticket stands in a list: by its change, then by its id. */
const place = ({ changed, id }: Ticket): string => `${String(changed).padStart(15, "0")} ${id}`

export const startDesk = Effect.fnUntraced(function* ({ clock, now, rateLimit, size }: VendorOptions) {
  const tickets = new Map<string, Ticket>()
  let made = 0
  const put = (changes: Partial<Ticket> = {}): void => {
    made += 1
    const id = changes.id ?? `T-${made}`
    const title = `Printer ${made} is on fire`
    const before = tickets.get(id) ?? {
      title,
      body: `Call me at 1440555${1000 + made}.`,
      labels: { floor: String(made) }
    }
    tickets.set(id, { ...before, changed: clock(), ...changes, id })
  }
  for (let i = 0; i < sizes[size]; i++) put({ changed: now - 4 * 86_400_000 + i * 2_000_000 })

  /** The last page that was given, for what happens between two pages. */
  let last: ReadonlyArray<Ticket> = []
  const handle = ({ headers, path, query }: Ask): Reply => {
    if (headers["authorization"] !== `Bearer ${token}`) return json(401, { error: "Who are you?" })
    if (path !== "/tickets") return json(404, { error: "There is no such thing." })
    const [from, to, limit] = ["from", "to", "limit"].map((name) => Number(query.get(name)))
    const after = query.get("after") ?? ""
    const rest = [...tickets.values()]
      .filter((ticket) => ticket.changed >= (from ?? 0) && ticket.changed < (to ?? 0) && place(ticket) > after)
      .toSorted((a, b) => (place(a) < place(b) ? -1 : 1))
    last = rest.slice(0, limit)
    const end = last.at(-1)
    return json(200, { tickets: last, ...(end !== undefined && rest.length > last.length ? { next: place(end) } : {}) })
  }
  const shift = (how: "insert" | "remove"): void => {
    const [first] = last
    if (how === "insert") put({ changed: (first?.changed ?? now) - 1 })
    else if (first !== undefined) tickets.delete(first.id)
  }
  const served = yield* Effect.orDie(
    serve(
      { handle, shift, expireTokens: () => undefined },
      { clock, ...(rateLimit === undefined ? {} : { rateLimit }) }
    )
  )
  return { ...served, put, tickets: (): ReadonlyArray<Ticket> => [...tickets.values()] }
})
