/** A message on its way to a partition, in the form both drivers take, and how large it is there. */

/** Values by names. */
export type Headers = Map<Buffer, Buffer>

/** What becomes a record of a topic. A `null` value is a tombstone, an empty one is a value. */
export interface KafkaRecord {
  readonly key: Buffer
  readonly value: Buffer | null
  readonly headers: Headers
  /** Of the record as it stands in a batch, at most. */
  readonly bytes: number
}

/** A batch's own header (Kafka protocol, "Record Batch", read 2026-11-21). */
export const batchOverhead = 61

/** Length, attributes, deltas and counts of a record: five variable integers of at most five bytes, and one of ten. */
const recordOverhead = 32

/** Two lengths of a header, as variable integers. */
const headerOverhead = 6

/** Size of a record, uncompressed: never less than it takes. */
export const sizeOf = (key: Buffer, value: Buffer | null, headers: Headers): number => {
  let size = recordOverhead + key.length + (value?.length ?? 0)
  for (const [name, value] of headers) size += headerOverhead + name.length + value.length
  return size
}
