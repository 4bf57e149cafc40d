// Instants and the many ways in which the four APIs write them. Zones are IANA names; instants are epoch milliseconds.

const formats = new Map<string, Intl.DateTimeFormat>()
const offsets = new Map<string, number>()

const formatOf = (zone: string): Intl.DateTimeFormat => {
  let format = formats.get(zone)
  if (format === undefined) {
    format = new Intl.DateTimeFormat("en-US", { timeZone: zone, timeZoneName: "longOffset" })
    formats.set(zone, format)
  }
  return format
}

const two = (n: number) => String(n).padStart(2, "0")

/** True when the runtime knows the zone. */
export const isZone = (zone: string): boolean => {
  try {
    formatOf(zone)
    return true
  } catch {
    return false
  }
}

/** The zone's offset from UTC at an instant, in milliseconds; remembered per quarter of an hour. */
export const offsetAt = (zone: string, at: number): number => {
  if (zone === "UTC" || zone === "GMT") return 0
  const key = `${zone} ${Math.floor(at / 900_000)}`
  let offset = offsets.get(key)
  if (offset === undefined) {
    const name = formatOf(zone).format(at)
    const match = /GMT(?:([+-])(\d\d):(\d\d))?/.exec(name)
    const minutes = Number(match?.[2] ?? 0) * 60 + Number(match?.[3] ?? 0)
    offset = (match?.[1] === "-" ? -minutes : minutes) * 60_000
    if (offsets.size > 100_000) offsets.clear()
    offsets.set(key, offset)
  }
  return offset
}

/** The instant at which the zone's clocks show `wall` (written as if it were UTC). In a repeated hour: the first one. */
export const fromWall = (zone: string, wall: number): number => {
  const first = wall - offsetAt(zone, wall - 86_400_000)
  if (first + offsetAt(zone, first) === wall) return first
  return wall - offsetAt(zone, wall + 86_400_000)
}

/** `2022-02-03T09:27:27.493`: what the zone's clocks show, to the millisecond. */
export const wallClock = (zone: string, at: number): string =>
  new Date(at + offsetAt(zone, at)).toISOString().slice(0, 23)

/** `-0500`, or with the separator `:`, `-05:00`. */
export const offsetText = (zone: string, at: number, separator = ""): string => {
  const minutes = Math.round(offsetAt(zone, at) / 60_000)
  const size = Math.abs(minutes)
  return `${minutes < 0 ? "-" : "+"}${two(Math.floor(size / 60))}${separator}${two(size % 60)}`
}

/** `2026-11-20T09:15:00`: naive UTC in whole seconds, as Cloud Storage writes it. */
export const naiveUtc = (at: number): string => new Date(at).toISOString().slice(0, 19)

/** `20221109T230607`: UTC without separators. */
export const compactUtc = (at: number): string => naiveUtc(at).replaceAll(/[-:]/g, "")

/** `00:28:16`: hours may pass 24. */
export const clockTime = (ms: number): string => {
  const seconds = Math.floor(ms / 1000)
  return `${two(Math.floor(seconds / 3600))}:${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}`
}
