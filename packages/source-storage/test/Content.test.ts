import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import type { StoredObject } from "@callstream/sandbox"
import type { Source } from "@callstream/core"
import { fetchPending, isRecord, now, run, validated, walk } from "@callstream/testkit"
import { open, sandbox, settingsFor } from "./Harness.ts"

const region = "us-east"
const partition: Source.Partition = { name: region, uri: `8x8/storage/${region}` }

const objectWith = (type: string, body: string | Uint8Array, more: Partial<StoredObject> = {}): StoredObject => ({
  region,
  id: "651dc994-27aa-43cc-8f43-301fa6458639",
  type,
  mimeType: type === "agentnotes" ? "text/plain" : "application/json",
  objectName: "x.json",
  checksumType: "MD5",
  checksum: "54007f2dc30d9d6df5628e18d996ba3a-1",
  customerId: "customer",
  userId: "user",
  storedBytes: body.length,
  createdAt: now - 60_000,
  updatedAt: now - 60_000,
  objectState: "AVAILABLE",
  bucketId: "bucket",
  tags: [
    { key: "callId", value: "int-1921de567b1-7zrCRtowKo5rmiXNVI0G4PLOE-phone-03-acmecorp01" },
    { key: "tenantId", value: "acmecorp01" }
  ],
  shared: false,
  body: () => Buffer.from(body),
  ...more
})

/** What becomes of the content of an object. */
const fetchedOf = Effect.fnUntraced(function* (
  object: StoredObject,
  before: (vendor: Effect.Success<ReturnType<typeof sandbox>>) => void = () => {},
  settings: Readonly<Record<string, unknown>> = {}
) {
  const vendor = yield* sandbox({ calls: 0 })
  vendor.company.putObject(object)
  const stream = yield* open({ ...settingsFor(vendor), ...settings })
  const walked = yield* walk(stream, partition)
  before(vendor)
  const [fetched] = yield* fetchPending(stream, walked)
  return fetched ?? assert.fail("nothing was pending")
})

/** The normalized content of an object, without what all contents have. */
const dataOf = (object: StoredObject) =>
  Effect.map(fetchedOf(object), (fetched) => {
    if (!("records" in fetched)) throw new Error(JSON.stringify(fetched))
    const record = fetched.records.find(isRecord)
    if (record === undefined) throw new Error("there is no record")
    const { callId, checksum, createdAt, objectId, objectName, tenantId, ...data } = validated(record)
    assert.deepStrictEqual(
      [callId, tenantId, objectId, objectName, checksum, createdAt],
      [
        object.tags?.[0]?.value,
        "acmecorp01",
        object.id,
        object.objectName,
        object.checksum,
        new Date(object.createdAt).toISOString()
      ]
    )
    return data
  })

const speakerOf = (utterance: unknown) =>
  typeof utterance === "object" && utterance !== null && "speaker" in utterance ? utterance.speaker : undefined

describe("a content", () => {
  it.live("of a summary is read as Customer 360 documents it", () =>
    Effect.gen(function* () {
      const body = { id: "s1", result: "They talked.", status: "success", type: "summary", duration: 61.25 }
      assert.deepStrictEqual(yield* dataOf(objectWith("summary", JSON.stringify(body))), {
        summaryId: "s1",
        text: "They talked.",
        status: "success",
        durationMs: 61_250,
        raw: body
      })
    }).pipe(run)
  )

  it.live("of a transcript is read from a list of utterances, or an object around one", () =>
    Effect.gen(function* () {
      const line = {
        text: "Hello",
        confidence: 93,
        channel: 1,
        emotion: "Neutral",
        timestampStart: 0.5,
        timestampEnd: 2
      }
      const utterances = [
        { text: "Hello", startMs: 500, endMs: 2000, channel: 1, confidence: 0.93, emotion: "Neutral" }
      ]
      for (const body of [
        [line],
        { utterances: [line] },
        { transcript: { segments: [{ ...line, confidence: "93" }] } }
      ]) {
        const data = yield* dataOf(objectWith("transcription", JSON.stringify(body)))
        assert.deepStrictEqual(data, { utterances, raw: body })
      }
    }).pipe(run)
  )

  it.live("of a transcript says who spoke where tag or direction tell it", () =>
    Effect.gen(function* () {
      const body = JSON.stringify([
        { text: "Hi", channel: 1 },
        { text: "Good morning", channel: 0 }
      ])
      const speakersWith = (key: string, value: string) => {
        const object = objectWith("transcription", body)
        const data = dataOf({ ...object, tags: [...(object.tags ?? []), { key, value }] })
        return Effect.map(data, ({ utterances }) => [utterances].flat().map(speakerOf))
      }
      assert.deepStrictEqual(yield* speakersWith("direction", "INBOUND"), ["customer", "agent"])
      assert.deepStrictEqual(yield* speakersWith("direction", "OUTBOUND"), ["agent", "customer"])
      assert.deepStrictEqual(yield* speakersWith("speaker", "owner"), ["agent", "agent"])
      assert.deepStrictEqual(yield* speakersWith("language", "en-US"), [undefined, undefined])
    }).pipe(run)
  )

  it.live("of a sentiment score has words, scores, or both", () =>
    Effect.gen(function* () {
      const parts = [{ speaker: "agent", timestampStart: 1, text: "Sorry", score: -0.5 }]
      const full = {
        overall: { sentiment: "NEUTRAL", score: 0 },
        customer: { sentiment: "POSITIVE", score: 0.4 },
        agent: "Negative",
        utterances: parts
      }
      assert.deepStrictEqual(yield* dataOf(objectWith("sentimentScore", JSON.stringify(full))), {
        overall: "neutral",
        overallScore: 0,
        customer: "positive",
        customerScore: 0.4,
        agent: "negative",
        parts: [{ text: "Sorry", speaker: "agent", startMs: 1000, score: -0.5 }],
        raw: full
      })
    }).pipe(run)
  )

  it.live("of a survey has its answers, in either form", () =>
    Effect.gen(function* () {
      const list = { questions: [{ question: "Solved?", answer: "5" }], totalScore: 5 }
      const flat = {
        Q2: "no",
        Q1: "4",
        "questionLabel.Q1": "Solved?",
        totalScore: "4",
        voiceCommentFileNames: "a.wav, b.wav"
      }
      assert.deepStrictEqual(yield* dataOf(objectWith("postcallsurvey", JSON.stringify(list))), {
        score: 5,
        answers: [{ question: "Q1", label: "Solved?", score: 5 }],
        raw: list
      })
      assert.deepStrictEqual(yield* dataOf(objectWith("postcallsurvey", JSON.stringify(flat))), {
        score: 4,
        answers: [
          { question: "Q1", label: "Solved?", score: 4 },
          { question: "Q2", text: "no" }
        ],
        voiceCommentFilenames: ["a.wav", "b.wav"],
        raw: flat
      })
    }).pipe(run)
  )

  it.live("of a note is its text, in any encoding, or nothing", () =>
    Effect.gen(function* () {
      assert.deepStrictEqual(yield* dataOf(objectWith("agentnotes", "Grüße\n")), { text: "Grüße\n", raw: "Grüße\n" })
      assert.deepStrictEqual(yield* dataOf(objectWith("agentnotes", "")), {})
      assert.deepStrictEqual(yield* dataOf(objectWith("agentnotes", new Uint8Array([0x63, 0x61, 0x66, 0xe9]))), {
        text: "café",
        warnings: ["the content is not UTF-8 and was read as Windows-1252"],
        raw: "café"
      })
    }).pipe(run)
  )

  it.live.each([
    ["{", { warnings: ["the content is not JSON"], raw: "{" }],
    ["", { warnings: ["the content is empty"] }],
    ["null", { warnings: ["the content has no summary"], raw: null }],
    ["[]", { warnings: ["the content has no summary"], raw: [] }],
    ['{"other":1}', { warnings: ["the content has no summary"], raw: { other: 1 } }]
  ] as const)("%j is kept as it is, with a warning", ([body, data]) =>
    Effect.gen(function* () {
      assert.deepStrictEqual<unknown>(yield* dataOf(objectWith("summary", body)), data)
    }).pipe(run)
  )
})

describe("fetching a content", () => {
  const md5 = "5d41402abc4b2a76b9719d911017c592" // of "hello"

  it.live("compares the checksum where it is an MD5 of the bytes", () =>
    Effect.gen(function* () {
      const right = yield* fetchedOf(objectWith("agentnotes", "hello", { checksum: md5 }))
      const wrong = yield* fetchedOf(objectWith("agentnotes", "hallo", { checksum: md5 }))
      const parted = yield* fetchedOf(objectWith("agentnotes", "hallo", { checksum: `${md5}-1` }))
      assert.deepStrictEqual(["records" in right, "records" in parted], [true, true])
      assert.deepStrictEqual(wrong, { later: "its content does not have the checksum of the object" })
    }).pipe(run)
  )

  it.live("that is gone is no failure", () =>
    Effect.gen(function* () {
      const { id } = objectWith("agentnotes", "")
      const fetched = yield* fetchedOf(objectWith("agentnotes", "x"), ({ company }) =>
        company.remove("storage/objects", region, id)
      )
      assert.deepStrictEqual(fetched, { gone: "its content is not there (404)" })
    }).pipe(run)
  )

  it.live.each([
    [{ kind: "status", status: 409 }, "later"],
    [{ kind: "status", status: 403 }, "later"],
    [{ kind: "status", status: 400 }, "later"],
    [{ kind: "500" }, "later"]
  ] as const)("is tried later after %j", ([fault, outcome]) =>
    Effect.gen(function* () {
      const fetched = yield* fetchedOf(objectWith("agentnotes", "x"), ({ faults }) => {
        faults.add({ ...fault, match: { pathIncludes: "/content" } })
      })
      assert.property(fetched, outcome)
    }).pipe(run)
  )

  it.live.each(["429", "503", "reset"] as const)("is the region's trouble when all get %s", (kind) =>
    Effect.gen(function* () {
      const failure = yield* Effect.flip(
        fetchedOf(objectWith("agentnotes", "x"), ({ faults }) => {
          faults.add({ kind, match: { pathIncludes: "/content" } })
        })
      )
      assert.include(failure, { _tag: "Unavailable" })
    }).pipe(run)
  )

  it.live("gives up what is larger than allowed", () =>
    Effect.gen(function* () {
      const object = objectWith("agentnotes", "x".repeat(2000))
      const fetched = yield* fetchedOf(object, undefined, { maxContentBytes: 1024 })
      assert.deepStrictEqual(fetched, {
        failed: "GET /storage/{region}/v3/objects/{id}/content: answered with more than 1024 bytes"
      })
    }).pipe(run)
  )
})
