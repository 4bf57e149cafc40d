/**
 * Carries out what other processes ask for, beside everything else: each request in a fiber of its own, until it is done.
 * One that was under way when its worker ended is asked for again at the next start, and goes on where it was.
 */
import { Effect, FiberMap, Option, Schema } from "effect"
import type { Address, State, StateFailed, StoredDeadLetter, WorkRequest } from "../state/State.ts"
import * as Backfill from "./Backfill.ts"
import * as Backoff from "./Backoff.ts"
import type { Outlet } from "./Outlet.ts"
import type { PartitionRunner } from "./PartitionRunner.ts"
import type { PipelineSpec } from "./PipelineSpec.ts"
import * as Replay from "./Replay.ts"
import * as Request from "./Request.ts"
import * as Signal from "./Signal.ts"
import type { SourceRunner } from "./SourceRunner.ts"

export interface Requests {
  /** Carries out requests, for ever. */
  readonly run: Effect.Effect<never>
  /** Looks whether something was asked for; to be called again and again. */
  readonly look: () => void
  /** Nothing is being carried out, as of the last look. */
  readonly idle: () => boolean
}

export interface RequestsOptions {
  readonly spec: PipelineSpec
  readonly state: State["Service"]
  readonly sources: ReadonlyArray<SourceRunner>
  readonly outlets: ReadonlyArray<Outlet>
  /** Called when something was done. */
  readonly moved: () => void
}

/** How often what is waited for is looked at. */
const lookMs = 1000
/** Letters that are handled together. */
const together = 100
/** Sentences of a report. */
const mostSaid = 50

const decodeReport = Schema.decodeUnknownOption(Request.Report)
const encodeReport = Schema.encodeSync(Request.Report)
const decodeLetters = Schema.decodeUnknownOption(Request.Letters)
const decodeBackfill = Schema.decodeUnknownOption(Request.Backfill)

/** How a request says how it is getting on; it is the report from there on. */
export interface Told {
  readonly report: () => Request.Report
  readonly tell: (change: Partial<Request.Report>) => Effect.Effect<void, StateFailed>
}

export const make = (options: RequestsOptions): Requests => {
  const { moved, sources, state } = options
  const looks = Signal.make()
  let looked = false
  let working = 0

  const toldOf = ({ number, report: before }: WorkRequest): Told => {
    const { waits: _waits, ...saved } = Option.getOrElse(decodeReport(before), () => Request.emptyReport)
    let report: Request.Report = saved
    return {
      report: () => report,
      tell: (change) => {
        const { waits: _before, ...rest } = report
        const next = { ...rest, ...change }
        if (JSON.stringify(next) === JSON.stringify(report)) return Effect.void
        report = next
        moved()
        return state.requests.report(number, "taken", encodeReport(report))
      }
    }
  }

  /** The runner of a partition, once there is one; a sentence when there will be none. */
  const runnerOf = Effect.fnUntraced(function* ({ partition, source, stream }: Address, told: Told) {
    const runner = sources.find(({ name }) => name === source)
    if (runner === undefined) return `the file has no source ${source} any more`
    while (true) {
      const known = runner.partitions()
      if (known !== undefined) {
        const found = known.find(({ address }) => address.stream === stream && address.partition === partition)
        return found ?? `the source ${source} no longer has ${stream} ${partition}`
      }
      yield* told.tell({ waits: `source ${source}${because(runner.trouble())}` })
      yield* Effect.sleep(lookMs)
    }
  })

  /** Handles letters, newest first, some at a time; what was done is in the report. */
  const eachLetter = Effect.fnUntraced(function* (
    { numbers, stage, through }: Request.Letters,
    told: Told,
    handle: (
      runner: PartitionRunner,
      letters: ReadonlyArray<StoredDeadLetter>
    ) => Effect.Effect<Replay.Outcome, StateFailed>,
    without: (letters: ReadonlyArray<StoredDeadLetter>, why: string) => Effect.Effect<Replay.Outcome, StateFailed>
  ) {
    while (true) {
      const before = told.report().before ?? through + 1
      const named = numbers
        ?.filter((number) => number < before)
        .toSorted((a, b) => b - a)
        .slice(0, together)
      const letters =
        named === undefined
          ? yield* state.deadLetters.list({ limit: together, before, ...(stage === undefined ? {} : { stage }) })
          : (yield* Effect.forEach(named, (number) => state.deadLetters.show(number))).filter(
              (letter) => letter !== undefined && (stage ?? letter.stage) === letter.stage
            )
      const found = letters.filter((letter) => letter !== undefined)
      const last = named === undefined ? found.at(-1)?.number : named.at(-1)
      if (last === undefined) return
      let outcome = Replay.nothing
      for (const [, own] of Map.groupBy(
        found,
        ({ partition, source, stream }) => `${source}\n${stream}\n${partition}`
      )) {
        const [first] = own
        if (first === undefined) continue
        const runner = yield* runnerOf(first, told)
        const done = typeof runner === "string" ? without(own, runner) : handle(runner, own)
        outcome = Replay.together(outcome, yield* waitingFor(own, told, done))
      }
      const missing = (named ?? []).filter((number) => !found.some((letter) => letter.number === number))
      const said = missing.map((number) => `There is no dead letter ${number} any more: it was closed.`)
      yield* told.tell({ before: last, ...added(told.report(), { ...outcome, said: [...outcome.said, ...said] }) })
    }
  })

  /** Says which sinks are in trouble while something waits for them. */
  const waitingFor = <A>(letters: ReadonlyArray<StoredDeadLetter>, told: Told, work: Effect.Effect<A, StateFailed>) => {
    const stages = new Set(letters.map(({ stage }) => stage))
    const look = Effect.gen(function* () {
      while (true) {
        yield* Effect.sleep(lookMs)
        const stuck = options.outlets
          .map((outlet) => outlet.status())
          .find(
            ({ activity, name }) => stages.has(`sink:${name}`) && (activity === "parked" || activity === "backing off")
          )
        const source = sources.map((source) => source.trouble()).find((reason) => reason !== undefined)
        if (stuck !== undefined) yield* told.tell({ waits: `sink ${stuck.name}${because(stuck.reason)}` })
        else if (source !== undefined) yield* told.tell({ waits: `a source${because(source)}` })
      }
    })
    return Effect.raceFirst(work, look)
  }

  const replay = (request: WorkRequest, letters: Request.Letters, told: Told) =>
    eachLetter(
      letters,
      told,
      (runner, own) => runner.atWork((at) => Replay.replay(at, request.number, own)),
      (own, why) => Effect.succeed(Replay.impossible(own, why))
    )

  const drop = (letters: Request.Letters, told: Told) => {
    const drop = (own: ReadonlyArray<StoredDeadLetter>) =>
      Effect.map(state.deadLetters.drop(own.map(({ number }) => number)), (dropped) => ({ ...Replay.nothing, dropped }))
    return eachLetter(
      letters,
      told,
      (runner, own) => (runner.works() ? runner.atWork((at) => Replay.drop(at, own)) : drop(own)),
      drop
    )
  }

  const carryOut = Effect.fnUntraced(function* (request: WorkRequest) {
    const told = toldOf(request)
    const { kind, number, payload } = request
    yield* Effect.logInfo(`Request ${number} begins: ${kind}`)
    const letters = decodeLetters(payload)
    const backfill = decodeBackfill(payload)
    if (kind === Request.kinds.replay && Option.isSome(letters)) yield* replay(request, letters.value, told)
    else if (kind === Request.kinds.drop && Option.isSome(letters)) yield* drop(letters.value, told)
    else if (kind === Request.kinds.backfill && Option.isSome(backfill)) {
      yield* Backfill.carryOut({ ...options, request: number, backfill: backfill.value, told })
    } else {
      return yield* state.requests.report(number, "failed", {
        ...Request.emptyReport,
        said: [`This version cannot do what was asked: ${kind}.`]
      })
    }
    const { waits: _waits, ...report } = told.report()
    yield* state.requests.report(number, "done", encodeReport({ ...report, fraction: 1 }))
    yield* Effect.logInfo(`Request ${number} is done: ${kind}`)
    moved()
  })

  /** Until the state takes it. */
  const insist = (request: WorkRequest) =>
    Effect.gen(function* () {
      for (let attempt = 1; ; attempt++) {
        const result = yield* Effect.result(carryOut(request))
        if (result._tag === "Success") return
        yield* Effect.logWarning(`${result.failure.message}. Request ${request.number} is tried again`)
        yield* Effect.sleep(yield* Backoff.delay(attempt, Backoff.usual))
      }
    }).pipe(Effect.ensuring(Effect.sync(() => void (working -= 1))))

  const run = Effect.scoped(
    Effect.gen(function* () {
      const fibers = yield* FiberMap.make<number>()
      while (true) {
        const more = looks.next()
        const next = yield* Effect.orElseSucceed(state.requests.take, () => undefined)
        if (next !== undefined) {
          working += 1
          yield* FiberMap.run(fibers, next.number, insist(next))
          continue
        }
        looked = true
        yield* more
      }
    })
  )

  return { run, look: looks.notify, idle: () => looked && working === 0 }
}

const because = (reason: string | undefined): string => (reason === undefined ? "" : `: ${reason}`)

/** A report with what became of some more letters. */
const added = (
  { counts, said }: Request.Report,
  { said: more, ...outcome }: Replay.Outcome
): Partial<Request.Report> => ({
  counts: Object.fromEntries(Object.entries(outcome).map(([name, amount]) => [name, (counts[name] ?? 0) + amount])),
  said: [...said, ...more].slice(0, mostSaid)
})
