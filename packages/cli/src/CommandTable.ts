/**
 * Every command with its arguments and options: what is parsed, and what `--help` prints. Plain data without imports, so
 * that help is there at once; the commands themselves are loaded when they run.
 *
 * Why not `effect/cli`: importing it takes 150 ms where bare Node takes 25 (with the compile cache, same machine), six
 * times Node's own start before a line of ours has run. `node:util`'s parser, which `Arguments.ts` uses, costs nothing.
 */

export interface FlagSpec {
  readonly kind: "boolean" | "text" | "integer" | "duration"
  readonly description: string
  /** What stands for the value in help. */
  readonly value?: string
  readonly default?: string | number
  readonly choices?: ReadonlyArray<string>
  readonly short?: string
}

export interface CommandSpec {
  readonly summary: string
  readonly details?: string
  /** Positional arguments: none, one, or any number, and whether one is needed. */
  readonly argument?: {
    readonly name: string
    readonly description: string
    readonly many: boolean
    readonly required: boolean
  }
  readonly flags: Readonly<Record<string, FlagSpec>>
  readonly examples: ReadonlyArray<string>
}

const file = (many: boolean) => ({
  name: "FILE",
  description: "Pipeline file, YAML or TypeScript; ./callstream.yaml unless named.",
  many,
  required: false
})

const json = { kind: "boolean", description: "Prints JSON." } as const

const limit = (what: string, most: number) =>
  ({ kind: "integer", description: `How many ${what} at most.`, value: "N", default: most }) as const

/** Which dead letters are meant. */
const chosen = {
  all: { kind: "boolean", description: "All that there are now, instead of numbers." },
  sink: { kind: "text", description: "With --all: those that this sink refused.", value: "NAME" },
  stage: {
    kind: "text",
    description: "With --all: those of this stage: read, step, content or sink:NAME.",
    value: "STAGE"
  },
  file: { kind: "text", description: "Pipeline file; ./callstream.yaml unless named.", value: "FILE" },
  json
} as const satisfies CommandSpec["flags"]

/** Options of every command. */
export const globalFlags = {
  "log-level": {
    kind: "text",
    description: "What is logged.",
    choices: ["debug", "info", "warn", "error"],
    value: "LEVEL",
    default: "info"
  },
  "log-format": {
    kind: "text",
    description: "How it is logged; human on a terminal, else json, unless named.",
    choices: ["human", "json"],
    value: "FORMAT"
  },
  help: { kind: "boolean", description: "Prints this.", short: "h" }
} as const satisfies CommandSpec["flags"]

export const commands = {
  run: {
    summary: "Runs pipelines until stopped.",
    details:
      "SIGTERM or Ctrl-C stops: what is in flight is delivered and saved first; a second one stops at once. Nothing is " +
      "lost either way.",
    argument: file(true),
    flags: {
      once: {
        kind: "boolean",
        description: "Ends when every stream has caught up, is parked, or makes no progress."
      },
      patience: {
        kind: "duration",
        description: "With --once: how long without progress.",
        value: "TIME",
        default: "10 min"
      },
      listen: {
        kind: "text",
        description: "Serves /metrics, /health, /ready and /status; on this machine only unless a host is named.",
        value: "[HOST:]PORT"
      },
      drain: {
        kind: "duration",
        description: "How long stopping may take to deliver what is in flight.",
        value: "TIME",
        default: "25 s"
      },
      "fail-on-dead": { kind: "boolean", description: "Exits 5 when there are dead letters." }
    },
    examples: ["callstream run", "callstream run --once --patience 5min acme.yaml", "callstream run --listen 9090"]
  },
  validate: {
    summary: "Parses pipeline files and reports every problem. No network.",
    argument: file(true),
    flags: {},
    examples: ["callstream validate *.yaml"]
  },
  check: {
    summary: "Proves credentials and servers: one line per source stream and sink.",
    argument: file(false),
    flags: { json },
    examples: ["callstream check"]
  },
  preview: {
    summary: "Prints the next events of a source beside what the vendor sent; writes nothing.",
    argument: file(false),
    flags: {
      source: { kind: "text", description: "Name of the source; needed when there are several.", value: "NAME" },
      limit: limit("events", 5),
      json: { kind: "boolean", description: "Prints one CloudEvent a line." }
    },
    examples: ["callstream preview --source work --limit 1"]
  },
  status: {
    summary: "Shows progress, lag, the books and dead letters; beside a running worker too.",
    argument: file(false),
    flags: { json },
    examples: ["callstream status --json"]
  },
  setup: {
    summary: "Installs what the sinks need, such as topics and templates.",
    argument: file(false),
    flags: { "dry-run": { kind: "boolean", description: "Only says what would be done." } },
    examples: ["callstream setup --dry-run"]
  },
  backfill: {
    summary: "Reads a past range again beside the live tail, or fills a sink that is new or was emptied.",
    details:
      "Beside a running worker too, which then does it, at the lowest priority. Without --sink all sinks get what is new " +
      "or changed. With --sink that sink alone also gets everything that was delivered before, with the same ids.",
    argument: file(false),
    flags: {
      from: {
        kind: "text",
        description: "Where it begins, such as 2026-01-01; with --sink from the beginning unless named.",
        value: "TIME"
      },
      to: { kind: "text", description: "Where it ends; as far as was read unless named.", value: "TIME" },
      source: { kind: "text", description: "Name of the source to read; all unless named.", value: "NAME" },
      sink: { kind: "text", description: "Name of the sink to fill.", value: "NAME" },
      patience: {
        kind: "duration",
        description: "How long without progress, where no worker runs.",
        value: "TIME",
        default: "10 min"
      },
      json
    },
    examples: [
      "callstream backfill --from 2026-01-01 --to 2026-02-01",
      "callstream backfill acme.yaml --source work --from 2026-01-01",
      "callstream backfill acme.yaml --sink search"
    ]
  },
  "dead list": {
    summary: "Lists records that had no way: refused by a sink, or unreadable.",
    argument: file(false),
    flags: { json, limit: limit("dead letters", 20) },
    examples: ["callstream dead list --limit 100"]
  },
  "dead show": {
    summary: "Shows one dead letter with its record.",
    argument: { name: "NUMBER", description: "Its number in dead list.", many: false, required: true },
    flags: {
      file: { kind: "text", description: "Pipeline file; ./callstream.yaml unless named.", value: "FILE" },
      json
    },
    examples: ["callstream dead show 12"]
  },
  "dead replay": {
    summary: "Sends dead letters again: to the sink that refused, or reads or fetches them again.",
    details:
      "Beside a running worker too, which then does it. A letter is closed once its record is delivered, or a newer " +
      "version was sent since; what is refused again stays, with the new reason.",
    argument: {
      name: "NUMBER",
      description: "Numbers in dead list; a pipeline file may stand among them.",
      many: true,
      required: false
    },
    flags: {
      ...chosen,
      "fail-on-dead": { kind: "boolean", description: "Exits 5 when some of them stay." }
    },
    examples: ["callstream dead replay 12 13", "callstream dead replay acme.yaml --all --sink search"]
  },
  "dead drop": {
    summary: "Forgets dead letters: their records are lost for good.",
    argument: {
      name: "NUMBER",
      description: "Numbers in dead list; a pipeline file may stand among them.",
      many: true,
      required: false
    },
    flags: chosen,
    examples: ["callstream dead drop 12", "callstream dead drop acme.yaml --all --stage read"]
  },
  search: {
    summary: "Finds conversations by what was said or written in them.",
    argument: {
      name: "QUERY",
      description: 'Words that all must occur, "a phrase", or the beginning of a word*.',
      many: true,
      required: true
    },
    flags: {
      file: { kind: "text", description: "Pipeline file; ./callstream.yaml unless named.", value: "FILE" },
      sink: { kind: "text", description: "Name of the sink to ask; all that can search unless named.", value: "NAME" },
      limit: limit("conversations", 10),
      json
    },
    examples: ["callstream search refund", "callstream search '\"credit card\" declin*' --limit 3"]
  },
  sandbox: {
    summary: "Serves the four APIs on this machine, with a made-up company.",
    flags: {
      port: { kind: "integer", description: "Port; a free one unless named.", value: "PORT", default: 0 },
      host: { kind: "text", description: "Address to listen on.", value: "HOST", default: "127.0.0.1" },
      calls: { kind: "integer", description: "How many calls there are.", value: "N", default: 400 },
      days: { kind: "integer", description: "How many days they spread over.", value: "N", default: 30 },
      seed: { kind: "integer", description: "Another number makes another company.", value: "N", default: 1 },
      live: { kind: "boolean", description: "New calls come in as time passes." }
    },
    examples: ["callstream sandbox --port 8080 --live"]
  },
  demo: {
    summary: "Sandbox, all four sources and the local sink at work: needs no account and no server.",
    flags: {
      live: { kind: "boolean", description: "Goes on with new calls until stopped." },
      calls: { kind: "integer", description: "How many calls the made-up company has.", value: "N", default: 200 },
      seed: { kind: "integer", description: "Another number makes another company.", value: "N", default: 1 },
      path: { kind: "text", description: "Folder for what arrives.", value: "FOLDER", default: ".callstream/demo" }
    },
    examples: ["callstream demo", "callstream demo --live"]
  },
  schema: {
    summary: "Prints the JSON Schema of pipeline files, for completion in editors.",
    flags: {},
    examples: ["callstream schema > callstream.schema.json"]
  },
  new: {
    summary: "Writes a commented pipeline file: asks a few questions, or takes options.",
    argument: {
      name: "FILE",
      description: "File to write; ./callstream.yaml unless named.",
      many: false,
      required: false
    },
    flags: {
      name: { kind: "text", description: "Name of the pipeline.", value: "NAME" },
      source: { kind: "text", description: "Sources, with commas between them.", value: "TYPES" },
      sink: { kind: "text", description: "Sinks, with commas between them.", value: "TYPES" },
      force: { kind: "boolean", description: "Overwrites a file that is there." }
    },
    examples: ["callstream new", "callstream new --name acme --source storage,workanalytics --sink local"]
  }
} as const satisfies Readonly<Record<string, CommandSpec>>

export type CommandName = keyof typeof commands

/** What a flag's value is once parsed. */
type ValueOf<F extends FlagSpec> = F["kind"] extends "boolean"
  ? boolean
  : F["kind"] extends "text"
    ? F extends { readonly default: string }
      ? string
      : string | undefined
    : F extends { readonly default: string | number }
      ? number
      : number | undefined

/** What a command is given: its positional arguments and its options; durations are milliseconds. */
export interface Arguments<Name extends CommandName> {
  readonly positional: ReadonlyArray<string>
  readonly flags: {
    readonly [Flag in keyof (typeof commands)[Name]["flags"]]: ValueOf<
      (typeof commands)[Name]["flags"][Flag] & FlagSpec
    >
  }
}
