/** Sources of the four APIs of the sandbox, put to the suite: what they share of a `SourceUnderTest`. */
import { Effect } from "effect"
import {
  type ApiName,
  type Fault,
  type Knobs,
  type Sandbox,
  start,
  type StreamName,
  type Truth
} from "@callstream/sandbox"
import type { Expected } from "./Comparison.ts"
import type { SourceUnderTest } from "./SourceUnderTest.ts"
import type { VendorOptions } from "./Vendor.ts"

/** What a source of the sandbox brings along. */
export interface SourceOnSandbox extends Pick<
  SourceUnderTest<Sandbox>,
  "plugin" | "settings" | "secrets" | "refused" | "pages" | "posts" | "changes"
> {
  readonly api: ApiName
  /** What the source reads of a sandbox, and the entities each record makes. */
  readonly streams: ReadonlyArray<StreamName>
  readonly expected: (records: ReadonlyArray<Truth>) => ReadonlyArray<Expected>
  /** Other ways that the vendor may be, by name. */
  readonly knobs?: Readonly<Record<string, Partial<Knobs>>>
  /** Size of the company where reading ahead is bounded: so many calls that the source has several pages of them. */
  readonly manyCalls?: number
}

/** Numbers that somebody can be called at, wherever they stand in a record. */
const phonesIn = (records: unknown): ReadonlyArray<string> =>
  JSON.stringify(records).match(/(?<=")\+?(?:1\d{3}55501\d{2}|1440555\d{4}|44163296\d{4,6})(?=\\?")/g) ?? []

export const onSandbox = (source: SourceOnSandbox): SourceUnderTest<Sandbox> => {
  const { api, expected, knobs: variants = {}, manyCalls = 60, streams, ...same } = source
  const calls = { few: 15, usual: 16, many: manyCalls }
  const recordsOf = (sandbox: Sandbox) => streams.flatMap((stream) => sandbox.records(stream, { rows: true }))
  const vendor = ({ clock, now, rateLimit, size, tokenSeconds, variant }: VendorOptions) =>
    start({
      now,
      clock,
      calls: calls[size],
      days: 4,
      ...(tokenSeconds === undefined ? {} : { tokenSeconds }),
      knobs: {
        delay: 0,
        ...(variant === undefined ? {} : variants[variant]),
        ...(rateLimit === undefined ? {} : { rateLimits: { [api]: rateLimit } })
      }
    }).pipe(
      Effect.orDie,
      Effect.map((sandbox): Sandbox => {
        const add = (fault: Fault) => sandbox.faults.add({ ...fault, match: { ...fault.match, api } })
        return { ...sandbox, faults: { ...sandbox.faults, add } }
      })
    )
  const login = source.posts.find((path) => path.endsWith("/token"))
  return {
    ...same,
    vendor,
    ...(login === undefined ? {} : { login }),
    secretHeaders: ["8x8-apikey", "token"],
    personal: (sandbox) => phonesIn(recordsOf(sandbox)),
    expected: (sandbox) => expected(recordsOf(sandbox)),
    happens: ({ company }) => {
      company.addCalls(2)
      company.addChat()
    },
    variants: Object.keys(variants)
  }
}
