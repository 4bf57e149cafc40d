// Who works at the made-up company, and where: agents, queues, channels, PBXes, regions. All invented; telephone numbers
// are from the ranges kept for fiction (555-01xx, Ofcom's 01632 960xxx).
import { random, type Random } from "./Random.ts"

/** The contact-center tenant; also the tenant of Recordings and of Recent Calls. */
export const tenant = "acmecorp01"

/** The customer's id in Cloud Storage. */
export const customerId = "0012J00002KTSANDBX"

/** Storage regions in which the company has objects. */
export const regions = ["us-east", "uk"] as const
type Region = (typeof regions)[number]

/** A Work phone system. `id` is the opaque one; Work Analytics wants the name. */
export interface Pbx {
  readonly name: string
  readonly id: string
  readonly region: Region
  /** The main number, without `+`. */
  readonly number: string
  /** IPv4 address in its SIP call ids. */
  readonly address: string
}

export const pbxes: readonly [Pbx, Pbx] = [
  { name: "acmecorp", id: "EhS7MdQXSX2zElaIeTt49Q", region: "us-east", number: "14405550100", address: "198.51.100.5" },
  { name: "acme_corp_uk", id: "Tq3_9xLpR0aGvYc2WmEoKA", region: "uk", number: "441632960100", address: "203.0.113.37" }
]

export interface Agent {
  /** With the `ag` prefix; some APIs leave it out. */
  readonly id: string
  readonly name: string
  readonly email: string
  readonly group: string
  readonly pbx: Pbx
  readonly extension: string
  readonly extensionId: string
  readonly branchId: string
  readonly branch: string
  readonly department: string
}

export interface Queue {
  readonly id: string
  readonly name: string
  readonly number: string
  readonly channelId: string
  readonly channelName: string
  /** The number that callers dial. */
  readonly dialed: string
  readonly group: string
}

export interface Staff {
  readonly agents: ReadonlyArray<Agent>
  readonly queues: ReadonlyArray<Queue>
}

const names = [
  "Khang Glynn",
  "Alex Wilber",
  "Jane Li",
  "Priya Natarajan",
  "Tomasz Zieliński",
  "Maren O'Dowd",
  "Sofía Ruiz",
  "Bill Jackson",
  "Adaeze Obi",
  "Henrik Larsen",
  "Mei-Ling Chow",
  "Dafydd Prosser"
]

const queues: ReadonlyArray<readonly [string, string]> = [
  ["Level 3 Support", "Main Support"],
  ["Reservations", "Travel Desk"],
  ["Card Services", "Banking Line"],
  ["Patient Line", "Clinic"],
  ["Billing & Refunds", "Main Support"]
]

const base64url = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"

/** The same people and queues for the same seed. */
export const staff = (seed: number): Staff => {
  const r = random(seed, "staff")
  const branches = pbxes.map(() => r.text(22, base64url))
  return {
    agents: names.map((name, i) => {
      const uk = i % 4 === 3
      return {
        id: `ag${r.text(21)}`,
        name,
        email: `${name.toLowerCase().replaceAll(/[^a-z]+/g, ".")}@acme.example`,
        group: String(2570 + (i % 3)),
        pbx: uk ? pbxes[1] : pbxes[0],
        extension: String((uk ? 220_000 : 117_200) + i * 3),
        extensionId: r.text(22, base64url),
        branchId: branches[uk ? 1 : 0] ?? "",
        branch: uk ? "London" : i % 2 === 0 ? "Central" : "East Coast",
        department: i % 3 === 0 ? "Sales Engineering" : i % 3 === 1 ? "Support" : "East Office"
      }
    }),
    queues: queues.map(([name, channelName], i) => ({
      id: String(571 + i * 142),
      name,
      number: String(1819 + i),
      channelId: String(103 + i),
      channelName,
      dialed: `1440555014${i}`,
      group: String(2570 + (i % 3))
    }))
  }
}

const callers = [
  "David Demoperson",
  "M,DENNIS",
  "Cell Phone   CA",
  "Ben Okafor",
  "ACME CO",
  "Lucía Fernández",
  "Angela & Sons",
  "Jeff Waugh",
  "WIRELESS CALLER",
  "Chris <Reed>",
  ""
]

/** Somebody outside: a name (or none) and a number without `+`. */
export const stranger = (r: Random): { readonly name: string; readonly number: string } => {
  const number = r.chance(0.2) ? `441632960${r.digits(3)}` : `1${r.int(201, 989)}55501${r.digits(2)}`
  return { name: r.pick(callers), number }
}

/** `int-<11 hex digits of epoch ms>-<25 characters>-<medium>-<nn>-<tenant>`. Source: 8x8-apis, section 5.2. */
export const interactionGuid = (r: Random, startedAt: number, medium: "phone" | "chat" | "vmail"): string =>
  `int-${Math.floor(startedAt).toString(16).padStart(11, "0")}-${r.text(25)}-${medium}-0${r.int(0, 3)}-${tenant}`
