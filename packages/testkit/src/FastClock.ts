/** A clock for tests over real sockets: time passes many times faster than on the wall, and can be set forward. */
import { type Clock, Duration, Effect } from "effect"

export interface ClockOptions {
  /** How much faster. At 40, as usual, half a second takes 12 ms, half a minute less than one second. */
  readonly speed?: number
  /** How far each request sets it forward, milliseconds: for what depends on how long a vendor takes. Usually not. */
  readonly perRequest?: number
}

export class FastClock implements Clock.Clock {
  readonly #begun = performance.now()
  #epoch: number
  readonly #perRequest: number
  readonly #speed: number

  /** @param epoch what it shows at first, epoch milliseconds */
  constructor(epoch: number, { perRequest = 0, speed = 40 }: ClockOptions = {}) {
    this.#epoch = epoch
    this.#perRequest = perRequest
    this.#speed = speed
  }

  /** Sets it forward. Who sleeps does not notice: for between two runs. */
  advance(duration: Duration.Input): void {
    this.#epoch += Duration.toMillis(Duration.fromInputUnsafe(duration))
  }

  /** A request is being sent. */
  asked(): void {
    this.#epoch += this.#perRequest
  }

  /** Epoch milliseconds. */
  readonly now = (): number => Math.floor(this.#epoch + (performance.now() - this.#begun) * this.#speed)

  readonly currentTimeMillis = Effect.sync(this.now)
  readonly currentTimeNanos = Effect.sync(() => this.currentTimeNanosUnsafe())
  readonly monotonicTimeNanos = Effect.sync(() => this.monotonicTimeNanosUnsafe())

  currentTimeMillisUnsafe(): number {
    return this.now()
  }

  currentTimeNanosUnsafe(): bigint {
    return BigInt(this.now()) * 1_000_000n
  }

  monotonicTimeNanosUnsafe(): bigint {
    return this.currentTimeNanosUnsafe()
  }

  sleep(duration: Duration.Duration): Effect.Effect<void> {
    const millis = Duration.toMillis(duration)
    if (millis <= 0) return Effect.yieldNow
    return Effect.callback<void>((resume) => {
      const timer = setTimeout(() => resume(Effect.void), Math.min(millis / this.#speed, 2 ** 31 - 1))
      return Effect.sync(() => clearTimeout(timer))
    })
  }
}
