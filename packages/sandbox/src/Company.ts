// The made-up company: its history, the calls that come in as time passes, and the changes that tests make to it.
import { makeChat } from "./Chats.ts"
import { makePhoneCall, type When } from "./ContactCenter.ts"
import { makeChanges, type Changes } from "./Changes.ts"
import { random } from "./Random.ts"
import { makeWorkCall } from "./WorkCalls.ts"
import type { World } from "./World.ts"

const day = 86_400_000

/** When a made-up call happens. Absent: it has just ended. */
export interface CallTime {
  /** Epoch ms. A start in the past makes a late row: the call is old, what is stored about it is new. */
  readonly startedAt?: number
}

/** The company, and all that can happen to it. Times are epoch ms; what is added appears after the delays of the knob. */
export interface Company extends Changes {
  /** Adds that many contact-center calls, and Work calls and chats in proportion. Gives the interaction GUIDs of the calls. */
  readonly addCalls: (count: number) => ReadonlyArray<string>
  /** Adds one contact-center call. Gives its interaction GUID. */
  readonly addCall: (time?: CallTime) => string
  /** Adds one chat. Gives its interaction GUID. */
  readonly addChat: (time?: CallTime) => string
  /** Adds one Work call. Gives `<pbx>/<callId>`. */
  readonly addWorkCall: (time?: CallTime & { readonly pbx?: string }) => string
}

export interface CompanyOptions {
  readonly calls: number
  readonly days: number
  readonly live: number
}

/** Three calls in four fall into the office hours of the coast where most of the company sits. */
const officeHours = (at: number): boolean => {
  const hour = new Date(at).getUTCHours()
  return hour >= 12
}

const history = (world: World, { calls, days }: CompanyOptions) => {
  const r = random(world.seed, "history")
  const span = days * day
  const instants = (count: number) =>
    Array.from({ length: count }, () => {
      const at = Math.floor(world.now - r.next() * span)
      return officeHours(at) || r.chance(0.35) ? at : Math.floor(world.now - r.next() * span)
    }).toSorted((a, b) => a - b)
  instants(calls).forEach((endedAt, i) => makePhoneCall(world, `h${i}`, { endedAt }))
  instants(Math.round(calls * 0.2)).forEach((endedAt, i) => makeChat(world, `h${i}`, { endedAt }))
  instants(Math.round(calls * 0.6)).forEach((endedAt, i) => makeWorkCall(world, `h${i}`, { endedAt }))
  world.advance(world.now)
}

/** Makes the history, and what keeps it going. `advance` must be called before the world is looked at. */
export const makeCompany = (world: World, options: CompanyOptions) => {
  history(world, options)
  world.horizon = Infinity
  let added = 0
  let arrived = 0
  const interval = 60_000 / options.live
  let next = options.live > 0 ? world.clock() + interval : Infinity

  const arrive = (name: string, index: number, endedAt: number): string => {
    if (index % 5 === 1) makeChat(world, name, { endedAt })
    if (index % 5 !== 1 && index % 5 !== 3) makeWorkCall(world, name, { endedAt })
    return makePhoneCall(world, name, { endedAt })
  }

  const advance = (now: number) => {
    while (next <= now) {
      arrive(`l${arrived}`, arrived, Math.floor(next))
      arrived++
      next += interval
    }
    world.advance(now)
  }

  const add = (make: (world: World, name: string, when: When) => string, time: CallTime | undefined): string => {
    const now = world.clock()
    const name = `a${added++}`
    const { startedAt } = time ?? {}
    world.earliest = startedAt === undefined ? -Infinity : now
    const key = make(world, name, startedAt === undefined ? { endedAt: now } : { startedAt })
    world.earliest = -Infinity
    world.advance(now)
    return key
  }

  const company: Company = {
    ...makeChanges(world),
    addCalls: (count) => {
      const now = world.clock()
      const guids = Array.from({ length: count }, (_, i) => arrive(`a${added++}`, i, now))
      world.advance(now)
      return guids
    },
    addCall: (time) => add(makePhoneCall, time),
    addChat: (time) => add(makeChat, time),
    addWorkCall: (time) => add((to, name, when) => makeWorkCall(to, name, when, time?.pbx), time)
  }
  return { company, advance }
}
