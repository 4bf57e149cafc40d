/**
 * What Cloud Storage sends, with its own names and units. An object is only checked for what identifies it; each field is
 * read on its own (`ObjectReader.ts`), so that a spelling we do not know costs one field and not the object.
 *
 * Sources: "Cloud Storage Service Objects", "Bulk Download" and the OpenAPI file (all read 2026-11-20). The OpenAPI file's
 * types for `storedBytes` and the times are not those of the samples; the samples are right.
 */
import { Schema } from "effect"

/** A field of any shape, read tolerantly. */
const field = (description: string) => Schema.optionalKey(Schema.Unknown.annotate({ description }))

/** One stored object. */
export const StorageObject = Schema.Struct({
  id: Schema.NonEmptyString.annotate({ description: "Unique in its region: a UUID, or a longer id ending in `----`." }),
  type: Schema.NonEmptyString.annotate({ description: "`callcenterrecording`, `transcription` …; the set is open." }),
  mimeType: field("`audio/mpeg`, `application/json`, `text/plain` …"),
  objectName: field("File name; has `:` and `+` for Work calls, and not always an extension."),
  checksumType: field("`MD5`."),
  checksum: field("Hex; one that ends in `-1` (`-N`) is the ETag of an upload in parts, not an MD5 of the bytes."),
  customerId: field("The account."),
  userId: field("The user, at times with a leading `ag`."),
  storedBytes: field("Bytes: a number, in the OpenAPI file a text."),
  createdTime: field("`2022-11-01T21:22:22`: UTC without saying so, the fraction cut off. Of a Work call its start."),
  updatedTime: field("When the object or its state last changed, in the same form; what we read by."),
  objectState: field("AVAILABLE, PENDING, ARCHIVED, REVOKED (deleted), DELETED (purged), FAILED."),
  bucketId: field("Groups objects; whether all objects of a call have one is not documented."),
  tags: field("List of `{ key, value }`, values are texts and may be blank; a key may come twice."),
  shared: field("A boolean.")
})
export type StorageObject = typeof StorageObject.Type

/** A page of objects. `total` is not in the samples, and its meaning is documented in two ways: it is not read. */
export const ObjectsPage = Schema.Struct({
  content: Schema.optionalKey(Schema.NullOr(Schema.Array(Schema.Unknown))),
  /** What ends a walk, beside an empty `content`; `pageSize` and `pageKey` do not. */
  lastPage: Schema.optionalKey(Schema.Unknown),
  /** The offset to go on at: that of the request plus `limit`, not plus the rows of this page. */
  pageKey: Schema.optionalKey(Schema.Unknown)
})

/** Names of regions. */
export const Regions = Schema.Array(Schema.NonEmptyString)

/** A bulk download. `content` is not read: which objects a zip has is seen when it is there. */
export const BulkJob = Schema.Struct({
  zipName: Schema.NonEmptyString.annotate({ description: "Name of the zip, and of the download." }),
  status: Schema.String.annotate({
    description: "NOT_STARTED, IN_PROGRESS, DONE, FAILED, CANCELLED, PARTIAL_DONE."
  })
})
