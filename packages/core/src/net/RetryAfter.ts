/** How long a far side asks us to wait: `Retry-After` in seconds or as a date, else `x-ratelimit-reset` (Unix seconds). */

const longestMs = 60 * 60_000

/** Milliseconds from `now`, at most an hour; `undefined` when it does not say. */
export const retryAfterMs = (
  headers: Readonly<Record<string, string | undefined>>,
  now: number
): number | undefined => {
  const after = headers["retry-after"]?.trim() ?? ""
  const seconds = /^\d+(\.\d+)?$/.test(after) ? Number(after) * 1000 : undefined
  const date = Date.parse(after)
  const reset = headers["x-ratelimit-reset"]?.trim() ?? ""
  const wait =
    seconds ??
    (Number.isNaN(date) ? undefined : date - now) ??
    (/^\d{9,11}$/.test(reset) ? Number(reset) * 1000 - now : undefined)
  return wait === undefined ? undefined : Math.min(Math.max(wait, 0), longestMs)
}
