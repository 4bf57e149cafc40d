import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { readFileSync } from "node:fs"
import type { ChatTranscript, RecordingFile } from "@callstream/sandbox"
import { ask, recordings, still } from "./Client.ts"

const fixture = (name: string) => readFileSync(new URL(`fixtures/${name}`, import.meta.url), "utf8")

/** What XML parsers do not see: blanks between elements, the two ways to write an empty one. */
const plain = (xml: string) => xml.trim().replaceAll(/>\s+</g, "><").replaceAll(" />", "/>")

const startedAt = Date.parse("2007-12-19T19:16:36-08:00")

const file: RecordingFile = {
  startedAt,
  endedAt: startedAt + 27_000,
  row: {
    agentID: "bill",
    phoneNumber: "bill",
    channel: "5027780",
    caseID: "0",
    duration: "27",
    filename: "S20071220/R2007122003163601000.wav",
    queueID: "fernandez~~queue~~phone~~102",
    queueName: "phoneq1",
    accountNumber: "0",
    transactionID: "1",
    extVar1: "0",
    extVar2: "0",
    outDialCode: ""
  },
  wrapUpCodes: [{ listName: "Gauffre", name: "Gauffre 1" }]
}

const guid = "int-14a0febe466-bLfK0EF6BKKvFMZmhhFdW14v0-chat-03-tenant"

const transcript: ChatTranscript = {
  startedAt,
  endedAt: startedAt + 54_000,
  row: {
    agentID: "bill",
    agentName: "Bill,Jackson",
    contactID: "guest_at_dev6chatrec@vm05dev187.dev.whitepj.net/CtlGuest191gafdDQNAStnY7DaKuDKwPwd5jYsoh",
    contactName: "Jeff Waugh",
    queueID: "104",
    queueName: "chat_recording_2",
    channelID: "103",
    channelName: "chatrec_channel",
    caseID: "24482",
    targetIP: "10.191.210.31",
    transactionID: "11",
    interactionGUID: guid,
    transcriptType: "A2C",
    duration: "54"
  },
  metaData: [
    { fieldName: "Color", fieldValue: "Blue" },
    { fieldName: "Fruit", fieldValue: "Cherry" }
  ],
  messages: [
    {
      at: startedAt,
      messageFrom: "C",
      originalLanguage: "en",
      originalMessage: "Hi How r u",
      translatedLanguage: "",
      translatedMessage: ""
    }
  ]
}

/** So many files, a second apart. */
const files = (count: number) =>
  Effect.gen(function* () {
    const { sandbox, time } = yield* still({ calls: 0 })
    for (let i = 0; i < count; i++) {
      const row = { ...file.row, transactionID: String(i + 1) }
      sandbox.company.putFile({ ...file, startedAt: startedAt + i * 1000, endedAt: startedAt + 5000 + i * 1000, row })
    }
    const ids = (path: string) =>
      Effect.map(recordings(sandbox, path), ({ body }) =>
        body.recordings.file.map(({ transactionID }: { transactionID: string }) => Number(transactionID))
      )
    return { sandbox, time, ids }
  })

const q = (text: string) => encodeURIComponent(text)

describe("the Recordings API", () => {
  it.effect("shows the documented recording, of the newer page and of the older one", () =>
    Effect.gen(function* () {
      const { sandbox } = yield* still({ calls: 0 })
      sandbox.company.putFile(file)
      const { header, text } = yield* recordings(sandbox, "/files")
      assert.strictEqual(plain(text), plain(fixture("files.xml")))
      assert.strictEqual(header("content-type"), "text/xml;charset=UTF-8")
      sandbox.setKnobs({ recordingsWrapUp: "empty" })
      // Mended in the older page: `</>` closes queueName, and `%lt;` is `<`.
      const mended = fixture("files-older.xml").replace("</>", "</queueName>").replace("%lt;", "<")
      assert.strictEqual(plain((yield* recordings(sandbox, "/files.xml")).text), plain(mended))
    })
  )

  it.effect("shows the documented chat, in the list and with its messages", () =>
    Effect.gen(function* () {
      const { sandbox } = yield* still({ calls: 0 })
      sandbox.company.putTranscript(transcript)
      // Mended in both: `</channelname>` closes channelName.
      const mended = (name: string) => plain(fixture(name).replace("</channelname>", "</channelName>"))
      assert.strictEqual(plain((yield* recordings(sandbox, "/transcripts")).text), mended("transcripts.xml"))
      assert.strictEqual(plain((yield* recordings(sandbox, `/transcripts/${guid}`)).text), mended("transcript.xml"))
      assert.strictEqual((yield* recordings(sandbox, `/transcripts/${guid}.csv`)).status, 400)
      assert.strictEqual((yield* recordings(sandbox, "/transcripts/int-0")).status, 404)
      const { body } = yield* recordings(sandbox, `/transcripts/${guid}.json?tz=UTC`)
      assert.strictEqual(body.transcript.messages.message[0].messageTime, "2007-12-20T03:16:36+00:00")
    })
  )

  it.effect("is malformed in the documented ways, where the knob says so", () =>
    Effect.gen(function* () {
      const { sandbox } = yield* still({ calls: 0, knobs: { recordingsMalformed: 1 } })
      sandbox.company.putFile(file)
      const texts = new Set<string>()
      for (let i = 0; i < 40; i++) texts.add((yield* recordings(sandbox, "/files")).text)
      const all = [...texts].join("\n")
      for (const sign of ["phoneq1</>", "</queuename>", "%lt;/recordings>"]) assert.include(all, sign)
    })
  )

  it.effect("gives fifty rows from n on", () =>
    Effect.gen(function* () {
      const { ids, sandbox } = yield* files(100)
      assert.deepStrictEqual(
        yield* ids("/files.json"),
        Array.from({ length: 50 }, (_, i) => i + 1)
      )
      assert.deepStrictEqual(
        yield* ids("/files.json?n=51"),
        Array.from({ length: 50 }, (_, i) => i + 51)
      )
      assert.deepStrictEqual(yield* ids("/files.json?n=100"), [100])
      assert.deepStrictEqual(yield* ids("/files.json?n=101"), [])
      assert.strictEqual((yield* recordings(sandbox, "/files?n=0")).status, 400)
      sandbox.setKnobs({ recordingsIgnoresN: true, recordingsOrder: "descending" })
      assert.strictEqual((yield* ids("/files.json?n=51"))[0], 100)
    })
  )

  it.effect("reads dates in all documented forms", () =>
    Effect.gen(function* () {
      const { ids, sandbox } = yield* files(10)
      const from = "2007-12-20 03:16:38Z"
      const spans = [`${from},2007-12-20 03:16:40Z`, "20071220T031638Z,20071220T031640Z"]
      for (const d of spans) assert.deepStrictEqual(yield* ids(`/files.json?d=${q(d)}`), [3, 4])
      sandbox.setKnobs({ recordingsToInclusive: true })
      assert.deepStrictEqual(yield* ids(`/files.json?d=${q(spans[0] ?? "")}`), [3, 4, 5])
      assert.strictEqual((yield* ids("/files.json?d=2007-12-19")).length, 10)
      assert.strictEqual((yield* ids("/files.json?d=2007-12-19&tz=UTC")).length, 0)
      assert.strictEqual((yield* ids("/files.json?d=2007-12-20,2007-12-21&tz=Europe/London")).length, 10)
      assert.strictEqual((yield* ids(`/files.json?d=${q("2007-12-19 19:16:38-08:00,2007-12-20")}`)).length, 8)
      assert.strictEqual((yield* recordings(sandbox, "/files?d=yesterday")).status, 400)
    })
  )

  it.effect("begins days where the zone does, also where they have 23 or 25 hours", () =>
    Effect.gen(function* () {
      const { ids, time } = yield* files(1)
      time.now = Date.parse("2007-12-20T09:00:00-08:00")
      assert.deepStrictEqual(yield* ids("/files.json?d=today-1d,today"), [1])
      assert.deepStrictEqual(yield* ids("/files.json?d=today"), [])
      assert.deepStrictEqual(yield* ids("/files.json?d=today&tz=Asia/Tokyo"), [])
      const { sandbox } = yield* still({ calls: 0 })
      const put = (at: string, id: string) =>
        sandbox.company.putFile({ ...file, startedAt: Date.parse(at), row: { ...file.row, transactionID: id } })
      put("2026-11-01T00:00:00-07:00", "1")
      put("2026-11-01T23:59:59-08:00", "2")
      put("2026-03-08T23:59:59-07:00", "3")
      put("2026-03-09T00:00:00-07:00", "4")
      const count = (day: string) =>
        Effect.map(recordings(sandbox, `/files.json?d=${day}`), ({ body }) => body.recordings.file.length)
      assert.strictEqual(yield* count("2026-11-01"), 2)
      assert.strictEqual(yield* count("2026-03-08"), 1)
    })
  )

  it.effect("finds a call within five seconds of its start or end, and only by the start if both are asked", () =>
    Effect.gen(function* () {
      const { ids } = yield* files(20)
      assert.deepStrictEqual(
        yield* ids(`/files.json?start-date=${q("2007-12-20 03:16:46Z")}`),
        [6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16]
      )
      const finish = `finish-date=${q("2007-12-20 03:16:41Z")}`
      assert.deepStrictEqual(yield* ids(`/files.json?${finish}`), [1, 2, 3, 4, 5, 6])
      assert.deepStrictEqual(yield* ids(`/files.json?${finish}&start-date=${q("2007-12-20 03:16:31Z")}`), [1])
    })
  )

  it.effect("filters by fields and by parts of metadata, case and all", () =>
    Effect.gen(function* () {
      const { ids, sandbox } = yield* files(3)
      assert.deepStrictEqual(yield* ids("/files.json?transactionID=2&agentID=bill"), [2])
      assert.deepStrictEqual(yield* ids("/files.json?agentID=Bill"), [])
      assert.deepStrictEqual(yield* ids("/files.json?agentid=nobody"), [1, 2, 3])
      sandbox.company.putTranscript(transcript)
      const found = (query: string) =>
        Effect.map(recordings(sandbox, `/transcripts.json?${query}`), ({ body }) => body.recordings.transcript.length)
      assert.strictEqual(yield* found("metaData_fieldName=olo&metaData_fieldValue=lue"), 1)
      assert.strictEqual(yield* found("metaData_fieldName=olo&metaData_fieldValue=Cherry"), 0)
      assert.strictEqual(yield* found("metaData_fieldValue=cherry"), 0)
    })
  )

  it.effect("writes CSV and JSON with their ambiguities", () =>
    Effect.gen(function* () {
      const { sandbox } = yield* still({ calls: 0 })
      sandbox.setKnobs({ recordingsJsonNone: "missing" })
      assert.deepStrictEqual((yield* recordings(sandbox, "/files.json")).body, {})
      sandbox.setKnobs({ recordingsJsonNone: "null" })
      assert.deepStrictEqual((yield* recordings(sandbox, "/files.json")).body, { recordings: null })
      sandbox.company.putFile({ ...file, row: { ...file.row, queueName: 'a "b", c' } })
      const [head = "", row = ""] = (yield* recordings(sandbox, "/files.csv")).text.split("\r\n")
      assert.isTrue(head.startsWith("startDate,agentID,") && head.endsWith(",outDialCode,wrapUpCode"))
      assert.include(row, ',"a ""b"", c",')
      assert.include(row, ",Gauffre=Gauffre 1")
      sandbox.setKnobs({ recordingsJsonSingle: "object" })
      assert.strictEqual((yield* recordings(sandbox, "/files.json")).body.recordings.file.agentID, "bill")
    })
  )

  it.effect("wants the token in force, and says 401 or 403", () =>
    Effect.gen(function* () {
      const { sandbox } = yield* still({ calls: 1 })
      assert.strictEqual((yield* recordings(sandbox, "/files")).status, 200)
      const bare = yield* ask(`${sandbox.baseUrls.recordings}/files`)
      assert.deepStrictEqual([bare.status, bare.header("www-authenticate")], [401, 'Basic realm="recordings"'])
      sandbox.setKnobs({ recordingsToken: "a newer one", recordingsLogin: 403 })
      assert.strictEqual((yield* recordings(sandbox, "/files")).status, 403)
    })
  )

  it.effect("is an older host on demand: no transcripts, no JSON, no codes, and 403", () =>
    Effect.gen(function* () {
      const { sandbox } = yield* still({ calls: 0, knobs: { recordingsFamily: "older" } })
      sandbox.company.putFile(file)
      const status = (path: string) => Effect.map(recordings(sandbox, path), (answer) => answer.status)
      assert.deepStrictEqual(
        yield* Effect.forEach(["/files", "/files.csv", "/files.json", "/transcripts.xml"], status),
        [200, 200, 404, 404]
      )
      assert.include((yield* recordings(sandbox, "/files")).text, "<wrapUpCode />")
      assert.strictEqual((yield* ask(`${sandbox.baseUrls.recordings}/files`)).status, 403)
    })
  )

  it.effect("writes one row so badly that nobody can read it, in any format", () =>
    Effect.gen(function* () {
      const { sandbox } = yield* still({ calls: 0, knobs: { recordingsBrokenRow: "1" } })
      sandbox.company.putFile(file)
      assert.include((yield* recordings(sandbox, "/files")).text, "<agentID>bill</agent><phoneNumber>")
      assert.match((yield* recordings(sandbox, "/files.csv")).text, /,"\r\n$/)
      assert.hasAllKeys((yield* recordings(sandbox, "/files.json")).body.recordings.file[0], ["broken"])
    })
  )

  it.effect("never does what would destroy something, and remembers who tried", () =>
    Effect.gen(function* () {
      const { sandbox } = yield* still({ calls: 5 })
      const url = sandbox.baseUrls.recordings
      const before = sandbox.records().length
      assert.strictEqual((yield* recordings(sandbox, "/files/S20071220/R2007122003163601000.wav")).status, 403)
      assert.strictEqual((yield* ask(`${url}/transcripts/${guid}`, { method: "DELETE" })).status, 403)
      assert.deepStrictEqual(
        sandbox.forbidden().map(({ method, path }) => `${method} ${path}`),
        ["GET /api/recordings/files/S20071220/R2007122003163601000.wav", `DELETE /api/recordings/transcripts/${guid}`]
      )
      assert.strictEqual(sandbox.records().length, before)
    })
  )
})
