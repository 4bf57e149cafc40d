/**
 * A process that writes and is killed: numbered batches, two in flight, until there are enough. Says `open`, `acked N`
 * after each answer, `failed REASON` when a write failed (it goes again until it is done), and `done`.
 *
 *   node writer.ts DIRECTORY BATCHES WEIGHT
 */
import { Effect } from "effect"
import { batch } from "./Batches.ts"
import { open } from "./Place.ts"

const [directory = "", batches = "0", weight = "0"] = process.argv.slice(2)

// A limit on the size of files (`ulimit -f`) is told by a signal too, which ends a process that does not expect it.
process.on("SIGXFSZ", () => {})

const say = (line: string) => Effect.sync(() => process.stdout.write(`${line}\n`))

const main = Effect.gen(function* () {
  const sink = yield* open(directory)
  yield* say("open")
  const numbers = Array.from({ length: Number(batches) }, (_, number) => number)
  const write = Effect.fnUntraced(function* (number: number) {
    let waiting = true
    while (waiting) {
      const outcome = yield* Effect.result(sink.write(batch(number, Number(weight))))
      if (outcome._tag === "Success") {
        waiting = false
        yield* say(`acked ${number} ${outcome.success.map(({ _tag }) => _tag).join(",")}`)
      } else yield* say(`failed ${outcome.failure._tag} ${outcome.failure.message}`)
    }
  })
  yield* Effect.forEach(numbers, write, { concurrency: 2, discard: true })
  yield* say("done")
})

await Effect.runPromise(Effect.scoped(main))
