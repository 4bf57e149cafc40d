/**
 * A terminal whose last lines are redrawn in place while other lines scroll above them. Elsewhere it only writes.
 * What far sides and callers said goes through here: it must not command the terminal.
 */
import type { Output, Screen } from "../Shell.ts"

const up = (lines: number): string => (lines === 0 ? "" : `\u001b[${lines}A`)
const eraseBelow = "\r\u001b[J"

/** Escapes of our own, which colour; and control characters, of which a tab and the end of a line may stay. */
const commanding = new RegExp(String.raw`(\u001b\[(?:[012]|31|33|1;33)m|[\t\n])|\p{Cc}`, "gu")

const harmless = (text: string): string => text.replace(commanding, (_, ours: string | undefined) => ours ?? "\uFFFD")

/** As many of these lines as can be redrawn at this height: what scrolled off cannot be. */
const fitting = (lines: ReadonlyArray<string>, rows: number): ReadonlyArray<string> => {
  const most = Math.max(1, rows - 1)
  return lines.length <= most
    ? lines
    : [...lines.slice(0, most - 1), `… and ${lines.length - most + 1} lines more, for which the terminal is too low`]
}

export const make = (output: Output): Screen => {
  if (!output.isTerminal) return { ...output, show: () => undefined }
  let shown: ReadonlyArray<string> = []
  const clear = () => up(shown.length) + (shown.length === 0 ? "" : eraseBelow)
  const draw = () => shown.map((line) => `${line}\n`).join("")
  return {
    ...output,
    write: (text) => {
      const safe = harmless(text)
      // What does not end its line would be redrawn over.
      output.write(shown.length === 0 ? safe : clear() + safe + (safe.endsWith("\n") ? "" : "\n") + draw())
    },
    show: (lines) => {
      const before = clear()
      shown = fitting(lines, output.rows()).map((line) => harmless(line).replaceAll("\n", " "))
      output.write(before + draw())
    }
  }
}
