/**
 * A terminal whose last lines are redrawn in place while other lines scroll above them. Elsewhere it only writes.
 */
import type { Output, Screen } from "../Shell.ts"

const up = (lines: number): string => (lines === 0 ? "" : `\u001b[${lines}A`)
const eraseBelow = "\r\u001b[J"

export const make = (output: Output): Screen => {
  if (!output.isTerminal) return { ...output, show: () => undefined }
  let shown: ReadonlyArray<string> = []
  const clear = () => up(shown.length) + (shown.length === 0 ? "" : eraseBelow)
  const draw = () => shown.map((line) => `${line}\n`).join("")
  return {
    ...output,
    write: (text) => {
      // What does not end its line would be redrawn over.
      output.write(shown.length === 0 ? text : clear() + text + (text.endsWith("\n") ? "" : "\n") + draw())
    },
    show: (lines) => {
      const before = clear()
      shown = lines
      output.write(before + draw())
    }
  }
}
