/**
 * What the sink and its writer thread say to each other. Columns rather than an object an event: copying a few arrays of
 * texts to the other thread costs a fraction of copying the events.
 */

/** What can be found of one entity: a row of `documents`. */
export interface Document {
  /** Pieces that have it in common are one conversation. */
  readonly grouped: string
  readonly conversation: string
  readonly type: string
  readonly subject: string
  readonly time: string | null
  /** What was said and written, a passage a line. */
  readonly text: string
  /** Names, numbers, ids: a value a line. */
  readonly fields: string
  /** Numbers of people in the forms they are looked for. */
  readonly digits: string
}

/** Events whose lines go to one file. */
export interface FilePart {
  /** Name of the file, with its ending. */
  readonly name: string
  readonly count: number
}

/** Events to write, column by column, those of a file together; an event is its place in the columns. */
export interface Batch {
  /** CloudEvents in JSON structured form, UTF-8, each with its line end. */
  readonly text: Uint8Array<ArrayBuffer>
  /** Bytes of each line. */
  readonly sizes: Uint32Array
  readonly parts: ReadonlyArray<FilePart>
  /** The entity: source, type and subject, a line each. */
  readonly entities: ReadonlyArray<string>
  readonly ids: ReadonlyArray<string>
  readonly asofs: Float64Array
  /** `null` where nothing is to be found any more; the whole absent when nothing is indexed. */
  readonly documents?: ReadonlyArray<Document | null>
}

/** `newest[i]` is the newest version of the entity that is known after event `i`. */
export interface Written {
  readonly newest: Float64Array
  /** 1 where event `i` is that newest version. */
  readonly isNewest: Uint8Array
}

/** Memory of a batch's text, handed back to be used again. */
export type Spare = ArrayBuffer

/** What opening did away with: lines after the last commit, whole or half. */
export interface Repair {
  readonly files: number
  readonly lines: number
  readonly bytes: number
  /** Day files that are shorter than they were, because somebody removed or cut them. */
  readonly shortened: ReadonlyArray<string>
}

export interface Opened {
  /** Made at the first start; another one is another sink. */
  readonly id: string
  readonly repair: Repair
}

/** Why the thread could not do what it was asked; what follows from it is decided in `Writer.ts`. */
export interface Trouble {
  readonly kind: "locked" | "foreign" | "empty" | "misplaced" | "full" | "forbidden" | "damaged" | "other"
  /** Without data of any event. */
  readonly reason: string
}

export type Request =
  | { readonly tag: "write"; readonly number: number; readonly batch: Batch }
  | { readonly tag: "close"; readonly number: number }

export type Reply =
  | { readonly tag: "opened"; readonly opened: Opened }
  | { readonly tag: "written"; readonly number: number; readonly written: Written; readonly spare: Spare }
  | { readonly tag: "closed"; readonly number: number }
  | { readonly tag: "failed"; readonly number: number; readonly trouble: Trouble }
