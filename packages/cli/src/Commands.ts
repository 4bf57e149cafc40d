/** Where each command is: loaded when it is meant, for each brings in what it needs. */
import type { CommandRun } from "./Command.ts"
import type { CommandName } from "./CommandTable.ts"

/** Loads a command. */
export const commands: { readonly [Name in CommandName]: () => Promise<{ readonly command: CommandRun<Name> }> } = {
  run: () => import("./commands/run.ts"),
  validate: () => import("./commands/validate.ts"),
  check: () => import("./commands/check.ts"),
  preview: () => import("./commands/preview.ts"),
  status: () => import("./commands/status.ts"),
  setup: () => import("./commands/setup.ts"),
  backfill: () => import("./commands/backfill.ts"),
  "dead list": () => import("./commands/deadList.ts"),
  "dead show": () => import("./commands/deadShow.ts"),
  "dead replay": () => import("./commands/deadReplay.ts"),
  "dead drop": () => import("./commands/deadDrop.ts"),
  search: () => import("./commands/search.ts"),
  sandbox: () => import("./commands/sandbox.ts"),
  demo: () => import("./commands/demo.ts"),
  schema: () => import("./commands/schema.ts"),
  new: () => import("./commands/new.ts")
}
