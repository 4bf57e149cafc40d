/**
 * What things are called in the cluster. Names are made of the prefix and of event types, never of data; others bind to
 * index and alias, so they do not change.
 */
import type { EventType } from "@callstream/model"

/** What names are made of; an `EventType` is one. */
export type Named = Pick<EventType.EventType, "short" | "version">

/** The index that events of a type are written to, e.g. `callstream-call-leg-v1-000001`. */
export const writeIndex = (prefix: string, type: Named): string => `${versionOf(prefix, type)}-000001`

/**
 * The alias that events of a type are written by, of that one index: `callstream-call-leg-v1`. A write asks for an alias,
 * so that an index that was deleted is missed, and not made again without what `callstream setup` gives it.
 */
export const writeAlias = (prefix: string, type: Named): string => versionOf(prefix, type)

/** The alias that a type is read by, over all of its versions, deleted records hidden: `callstream-call-leg`. */
export const readAlias = (prefix: string, { short }: Pick<Named, "short">): string => `${prefix}${short}`

/** The alias over all types of a prefix; no type is called so, for no type's name has an underscore. */
export const everyAlias = (prefix: string): string => `${prefix}all_types`

/** The index template of a type, e.g. `callstream-call-leg-v1`. */
export const indexTemplate = (prefix: string, type: Named): string => versionOf(prefix, type)

/** The indices the template is for. */
export const indexPattern = (prefix: string, type: Named): string => `${versionOf(prefix, type)}-*`

/** The component template of what all indices of a prefix have: envelope, analysis, settings. */
export const commonTemplate = (prefix: string): string => `${prefix}common`

const versionOf = (prefix: string, { short, version }: Named): string => `${prefix}${short}-v${version}`
