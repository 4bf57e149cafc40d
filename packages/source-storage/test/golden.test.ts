/**
 * Every sample object of "Cloud Storage Service Objects" (read 2026-11-20, see fixtures/README.md), and the event it
 * becomes: its `data` without `raw`, which is the sample, and `tags`, which are its tags.
 */
import { readFileSync } from "node:fs"
import { assert, describe, it } from "@effect/vitest"
import { allTypes, isRecord, validated } from "@callstream/testkit"
import { readObject } from "../src/ObjectRecords.ts"

const goldens: Readonly<Record<string, unknown>> = {
  agentnotes: {
    type: "callstream.object.v1",
    subject: "c5381c7d-28b5-4bbd-9f87-cbb47adc613e",
    conversation: "int-18486b7d9b9-9rNMbf8CSyBum7opdCSIsgFdr-phone-00-acmecorp01",
    time: "2022-11-17T17:51:46.000Z",
    version: 1668707641000,
    pending: { type: "callstream.note.v1", token: "76ede5ffb605855281abb5173e1da70a" },
    data: {
      objectId: "c5381c7d-28b5-4bbd-9f87-cbb47adc613e",
      objectType: "agentnotes",
      state: "available",
      objectName: "int-18486b7d9b9-9rNMbf8CSyBum7opdCSIsgFdr-phone-00-supertenantcsm01.agentnotes",
      mimeType: "text/plain",
      sizeBytes: 39,
      checksum: "76ede5ffb605855281abb5173e1da70a",
      checksumType: "MD5",
      createdAt: "2022-11-17T17:51:46.000Z",
      updatedAt: "2022-11-17T17:54:01.000Z",
      bucketId: "26572b1c-e844-4c44-a6b6-3bd8a2df7dff",
      customerId: "0012J00002Kzzzzzzz",
      userId: "AD21EBR1RhuV2TNDizzzz",
      shared: false,
      callId: "int-18486b7d9b9-9rNMbf8CSyBum7opdCSIsgFdr-phone-00-acmecorp01",
      tenantId: "acmecorp01",
      pbx: "acmecorp"
    }
  },
  callcenterrecording: {
    type: "callstream.recording.v1",
    subject: "6cf3260a-d4f2-4fba-8240-53633634713f",
    conversation: "int-1781d39f76d-vFuLcjeUpdFzcAnYOl3nC0Rh0-phone-00-acmecorp01",
    time: "2021-03-10T17:40:42.234Z",
    version: 1615399379000,
    data: {
      kind: "call",
      objectId: "6cf3260a-d4f2-4fba-8240-53633634713f",
      objectType: "callcenterrecording",
      state: "available",
      objectName: "int-1781d39f76d-vFuLcjeUpdFzcAnYOl3nC0Rh0-phone-00-acmecorp01.mp3",
      mimeType: "audio/mpeg",
      sizeBytes: 3813912,
      checksum: "27b75edcb0305a6a6a87d60a1e01f1a4-1",
      checksumType: "MD5",
      createdAt: "2021-03-10T18:02:08.000Z",
      updatedAt: "2021-03-10T18:02:59.000Z",
      bucketId: "d53d0b69-936d-42df-8232-ccc86a309eee",
      customerId: "0012J00002KTQJzzzz",
      userId: "eqhDvk_OQJWHKP8Qdzzzzz",
      shared: false,
      callId: "int-1781d39f76d-vFuLcjeUpdFzcAnYOl3nC0Rh0-phone-00-acmecorp01",
      tenantId: "acmecorp01",
      pbx: "acmecorp",
      transactionIds: ["10733"],
      agentIds: ["eqhDvk_OQJWHKP8Qdzzzzz"],
      queueIds: ["1819"],
      queueName: "Level 3 Support",
      direction: "inbound",
      callerNumber: "4085559901",
      callerName: "Cell Phone CA",
      calleeNumber: "12025553989",
      calleeName: "Khang Glynn",
      address: "Cell Phone CA",
      agentName: "Khang Glynn",
      extensionNumber: "600032",
      branchId: "mnvMZsd9Rt6YbInURyVzzzz",
      billingNumber: "14405558010",
      channelName: "Main Support",
      startedAt: "2021-03-10T17:40:42.234Z",
      durationMs: 1271000,
      holdMs: 0,
      filename: "R202103101740420023.wav"
    }
  },
  callcentervoicemail: {
    type: "callstream.voicemail.v1",
    subject: "10b17f97-baff-4610-8f19-70f3f2c0abc9",
    conversation: "int-1843bd9685e-x5zrSPDXGaiqinf9oMFkpUbau-vmail-00-acmecorp01",
    time: "2022-11-09T16:30:52.227Z",
    version: 1668011496000,
    data: {
      objectId: "10b17f97-baff-4610-8f19-70f3f2c0abc9",
      objectType: "callcentervoicemail",
      state: "available",
      objectName: "int-1843bd9685e-x5zrSPDXGaiqinf9oMFkpUbau-vmail-00-acmecorp01.mp3",
      mimeType: "audio/mpeg",
      sizeBytes: 539712,
      checksum: "6f9ccf8d85a6e21296757ae001d70490",
      checksumType: "MD5",
      createdAt: "2022-11-09T16:30:52.000Z",
      updatedAt: "2022-11-09T16:31:36.000Z",
      bucketId: "c62f39e5-da8f-4ff7-8f47-da44578e0d31",
      customerId: "0012J00002KTzzzz",
      userId: "aiYxR4vVSuCcfajOqwzzzz",
      shared: false,
      callId: "int-1843bd9685e-x5zrSPDXGaiqinf9oMFkpUbau-vmail-00-acmecorp01",
      tenantId: "acmecorp01",
      pbx: "acmecorp",
      transactionIds: ["874"],
      agentIds: ["aiYxR4vVSuCcfajOqwzzzz"],
      queueIds: ["571"],
      queueName: "Sales Voice Mail",
      direction: "inbound",
      callerName: "DEF",
      address: "DEF",
      branchId: "mnvMZsd9Rt6YbInURyzzzz",
      channelName: "13125555066",
      startedAt: "2022-11-09T16:30:52.227Z",
      durationMs: 67000,
      filename: "094e5cf7-85d4-4f6d-a6a2-b8c8aaa1633e_1663085857.wav",
      originalCallId: "int-18337a3bdfa-WawHeGWwrRIvpTdmz2p027kdj-phone-00-acmecorp01"
    }
  },
  callrecording: {
    type: "callstream.recording.v1",
    subject: "9984564e-557c-42bf-9b7c-40c7b909d489",
    conversation: "acmecorp/1666686434952",
    time: "2022-11-01T21:22:22.543Z",
    version: 1667337752000,
    data: {
      kind: "call",
      objectId: "9984564e-557c-42bf-9b7c-40c7b909d489",
      objectType: "callrecording",
      state: "available",
      objectName: "ipbx:acmecorp:callrecording:users:117209:1667337742543-1666686434952-117209-+16695555518_E.mp3",
      mimeType: "audio/mpeg",
      sizeBytes: 28224,
      checksum: "c03f27f4b1ca0aefea989f1c1b432d9e",
      checksumType: "MD5",
      createdAt: "2022-11-01T21:22:22.000Z",
      updatedAt: "2022-11-01T21:22:32.000Z",
      bucketId: "57b3ae7b-da6a-437d-b7eb-8d109f89ef2f",
      customerId: "0012J00002IZiaKQAT",
      userId: "2xEVyEt2SFmZfL3v5UuEdw",
      shared: false,
      callId: "1666686434952",
      pbx: "acmecorp",
      direction: "outbound",
      calleeNumber: "+16695555518",
      address: "+16695555518",
      pbxId: "EhS7MdQXSX2zElaIeTt49Q",
      userName: "Alex Wilber",
      userEmail: "user@example.com",
      extensionId: "3TYkxslLRn6kquFSYoSOxA",
      extensionNumber: "117209",
      branchId: "ZANgBY7WRyOZq_HYzQ48wQ",
      startedAt: "2022-11-01T21:22:22.543Z",
      endedAt: "2022-11-01T21:22:29.032Z",
      durationMs: 3000,
      callLogId: "3TYkxslLRn6kquFSYoSOxA1666686434952",
      guid: "57b3ae7b-da6a-437d-b7eb-8d109f89ef2f"
    }
  },
  postcallsurvey: {
    type: "callstream.object.v1",
    subject: "e8430fd2-bf6e-4b95-a6e7-6229066567c3",
    conversation: "int-18419b888db-G7VBDUQreh0xPFMLVd8n9uedI-phone-00-acmecorp01",
    time: "2022-10-27T13:53:54.000Z",
    version: 1666878870000,
    pending: { type: "callstream.survey.v1", token: "62418dea13bbc7e403b5df4b5c9a672d" },
    data: {
      objectId: "e8430fd2-bf6e-4b95-a6e7-6229066567c3",
      objectType: "postcallsurvey",
      state: "available",
      objectName: "int-18419b888db-G7VBDUQreh0xPFMLVd8n9uedI-phone-00-acmecorp01",
      mimeType: "application/json",
      sizeBytes: 567,
      checksum: "62418dea13bbc7e403b5df4b5c9a672d",
      checksumType: "MD5",
      createdAt: "2022-10-27T13:53:54.000Z",
      updatedAt: "2022-10-27T13:54:30.000Z",
      bucketId: "32c0786c-96c6-405e-bce7-74d1b468a763",
      customerId: "0012J00002KTQJzzzz",
      userId: "64oyEUb_Sk6bxVB9P5zzzz",
      shared: false,
      callId: "int-18419b888db-G7VBDUQreh0xPFMLVd8n9uedI-phone-00-acmecorp01",
      tenantId: "acmecorp01",
      agentIds: ["64oyEUb_Sk6bxVB9Pzzzz"]
    }
  },
  screenrecording: {
    type: "callstream.screen-recording.v1",
    subject: "9e58ab51-360e-46db-b508-6e5ba6bc3700",
    conversation: "int-1845ea47cdb-7uK6Uj2BHUMubNY7OOKsgiyjM-phone-00-acmecorp01",
    time: "2022-11-09T23:06:07.650Z",
    version: 1668035718000,
    data: {
      objectId: "9e58ab51-360e-46db-b508-6e5ba6bc3700",
      objectType: "screenrecording",
      state: "available",
      objectName: "int-1845ea47cdb-7uK6Uj2BHUMubNY7OOKsgiyjM-phone-00-acmecorp01.mp4",
      mimeType: "video/mp4",
      sizeBytes: 3907847,
      checksum: "619924e1c5202f83340b149d14f6d1d4",
      checksumType: "MD5",
      createdAt: "2022-11-09T23:15:12.000Z",
      updatedAt: "2022-11-09T23:15:18.000Z",
      bucketId: "a06fef64-3160-4b87-93bb-83ec67fb983b",
      customerId: "0012J00002KTQJYaaa",
      userId: "whzJ0NOwTdWid_JP6DpFYw",
      shared: false,
      callId: "int-1845ea47cdb-7uK6Uj2BHUMubNY7OOKsgiyjM-phone-00-acmecorp01",
      tenantId: "acmecorp01",
      transactionIds: ["7434"],
      agentIds: ["whzJ0NOwTdWid_JP6zzzz"],
      startedAt: "2022-11-09T23:06:07.650Z",
      durationMs: 542000,
      startedBy: "vcc-agui",
      platformTenant: "NA12_acmecorp01"
    }
  },
  sentimentScore: {
    type: "callstream.object.v1",
    subject: "daa0b61e-c36c-402c-90f3-a3f3fdf1139b",
    conversation: "int-1924c64e00a-zMCJ1IqScHpzxu2uMdOcDVwH8-phone-03-acmecorp01",
    time: "2024-10-02T08:44:30.000Z",
    version: 1727858670000,
    pending: { type: "callstream.sentiment.v1", token: "5b643ff0678e10ab643e21e6b7b2a251" },
    data: {
      objectId: "daa0b61e-c36c-402c-90f3-a3f3fdf1139b",
      objectType: "sentimentScore",
      state: "available",
      objectName: "int-1924c64e00a-zMCJ1IqScHpzxu2uMdOcDVwH8-phone-03-acmecorp01.json",
      mimeType: "application/json",
      sizeBytes: 2732,
      checksum: "5b643ff0678e10ab643e21e6b7b2a251",
      checksumType: "MD5",
      createdAt: "2024-10-02T08:44:30.000Z",
      updatedAt: "2024-10-02T08:44:30.000Z",
      bucketId: "58252ded-dd6d-4453-a4c4-994bc4b21ace",
      customerId: "0012J00002Kzzzzzzz",
      userId: "AD21EBR1RhuV2TNDizzzz",
      shared: false,
      callId: "int-1924c64e00a-zMCJ1IqScHpzxu2uMdOcDVwH8-phone-03-acmecorp01",
      tenantId: "acmecorp01",
      pbx: "acmecorp",
      sourceObjectType: "transcription"
    }
  },
  summary: {
    type: "callstream.object.v1",
    subject: "651dc994-27aa-43cc-8f43-301fa6458639",
    conversation: "int-1921de567b1-7zrCRtowKo5rmiXNVI0G4PLOE-phone-03-acmecorp01",
    time: "2024-09-23T08:02:10.000Z",
    version: 1727078536000,
    pending: { type: "callstream.summary.v1", token: "54007f2dc30d9d6df5628e18d996ba3a" },
    data: {
      objectId: "651dc994-27aa-43cc-8f43-301fa6458639",
      objectType: "summary",
      state: "available",
      objectName: "int-1921de567b1-7zrCRtowKo5rmiXNVI0G4PLOE-phone-03-acmecorp01.json",
      mimeType: "application/json",
      sizeBytes: 571,
      checksum: "54007f2dc30d9d6df5628e18d996ba3a",
      checksumType: "MD5",
      createdAt: "2024-09-23T08:02:10.000Z",
      updatedAt: "2024-09-23T08:02:16.000Z",
      bucketId: "34c8c69e-8a43-4ea0-9996-51ada9e06c25",
      customerId: "0012J00002Kzzzzzzz",
      userId: "AD21EBR1RhuV2TNDizzzz",
      shared: false,
      callId: "int-1921de567b1-7zrCRtowKo5rmiXNVI0G4PLOE-phone-03-acmecorp01",
      tenantId: "acmecorp01",
      sourceObjectId: "8d1bfa3c-3519-4823-a131-646bde4cd271",
      sourceObjectType: "transcription"
    }
  },
  "transcription-of-callcentervoicemail": {
    type: "callstream.object.v1",
    subject: "6a3ba4d7-c221-4c23-8d50-7e9e5fdb7625",
    conversation: "int-18729fc3e63-3siHRMg9PX50ZpArizpitQOIQ-vmail-00-supertenantcsm01",
    time: "2023-03-28T21:10:41.000Z",
    version: 1680037845000,
    pending: { type: "callstream.transcript.v1", token: "9a5006469effa23d4489e8ee2f969f8b" },
    data: {
      objectId: "6a3ba4d7-c221-4c23-8d50-7e9e5fdb7625",
      objectType: "transcription",
      state: "available",
      objectName: "int-18729fc3e63-3siHRMg9PX50ZpArizpitQOIQ-vmail-00-supertenantcsm01.json",
      mimeType: "application/json",
      sizeBytes: 2062,
      checksum: "9a5006469effa23d4489e8ee2f969f8b",
      checksumType: "MD5",
      createdAt: "2023-03-28T21:10:41.000Z",
      updatedAt: "2023-03-28T21:10:45.000Z",
      bucketId: "71870394-33ac-4f82-b6a7-8e6f59f8fc09",
      customerId: "0012J00002KTQJaaaa",
      userId: "AopPWJ1BR82b9UZwKDaaaa",
      shared: false,
      callId: "int-18729fc3e63-3siHRMg9PX50ZpArizpitQOIQ-vmail-00-supertenantcsm01",
      tenantId: "acmecorp01",
      pbx: "acmecorp",
      agentIds: ["AopPWJ1BR82b9UZwKDaaaa"],
      sourceObjectId: "f0f1b23c-a8e5-4cf7-9d6e-05e2b4cf2562",
      sourceObjectType: "callcentervoicemail"
    }
  },
  "transcription-of-voicecommentrecording": {
    type: "callstream.object.v1",
    subject: "bb94a730-a66c-4c19-af88-cc2395e66da4",
    conversation: "int-183b3b3c9e1-7ippeG63cFx6CqobUd8q69SqO-phone-00-acmecorp01",
    time: "2022-10-07T18:28:55.000Z",
    version: 1665167337000,
    pending: { type: "callstream.transcript.v1", token: "0f267cbdf609350f73af7e5fb452d615" },
    data: {
      objectId: "bb94a730-a66c-4c19-af88-cc2395e66da4",
      objectType: "transcription",
      state: "available",
      objectName: "int-183b3b3c9e1-7ippeG63cFx6CqobUd8q69SqO-phone-00-acmecorp01-q9.json",
      mimeType: "application/json",
      sizeBytes: 486,
      checksum: "0f267cbdf609350f73af7e5fb452d615",
      checksumType: "MD5",
      createdAt: "2022-10-07T18:28:55.000Z",
      updatedAt: "2022-10-07T18:28:57.000Z",
      bucketId: "11ea975d-bc29-4c61-8c3a-eb8dde5458f1",
      customerId: "0012J00002KTQJzzz",
      userId: "AQDqmvKiRbG4ekigNSzzz",
      shared: false,
      callId: "int-183b3b3c9e1-7ippeG63cFx6CqobUd8q69SqO-phone-00-acmecorp01",
      tenantId: "acmecorp01",
      agentIds: ["AQDqmvKiRbG4ekigNSzzz"],
      sourceObjectId: "0b52a701-f20f-4691-b035-e5c8e9cd78af",
      sourceObjectType: "voicecommentrecording"
    }
  },
  voicecommentrecording: {
    type: "callstream.recording.v1",
    subject: "1d6005d8-4a25-43cc-baa2-1c32a62d4737",
    conversation: "int-183e7c02084-Tl4kWT4RnOa5VeOArggrZjBcd-phone-00-acmecorp01",
    time: "2022-10-17T21:01:51.000Z",
    version: 1666040514000,
    data: {
      kind: "voice-comment",
      objectId: "1d6005d8-4a25-43cc-baa2-1c32a62d4737",
      objectType: "voicecommentrecording",
      state: "available",
      objectName: "int-183e7c02084-Tl4kWT4RnOa5VeOArggrZjBcd-phone-00-acmecorp01-q1.wav",
      mimeType: "audio/wav",
      sizeBytes: 61484,
      checksum: "f8c528a23eb15160aaebe6e4faf81750",
      checksumType: "MD5",
      createdAt: "2022-10-17T21:01:51.000Z",
      updatedAt: "2022-10-17T21:01:54.000Z",
      bucketId: "cfedae99-2010-473b-8530-8c6c1bd74fec",
      customerId: "0012J00002KTQJzzz",
      userId: "64oyEUb_Sk6bxVB9P5zzz",
      shared: false,
      callId: "int-183e7c02084-Tl4kWT4RnOa5VeOArggrZjBcd-phone-00-acmecorp01",
      tenantId: "acmecorp01",
      agentIds: ["64oyEUb_Sk6bxVB9P5zzz"],
      surveyId: "int-183e7c02084-Tl4kWT4RnOa5VeOArggrZjBcd-phone-00-acmecorp01",
      questionNumber: 1
    }
  }
}

const sample = (name: string): unknown =>
  JSON.parse(readFileSync(new URL(`fixtures/${name}.json`, import.meta.url), "utf8"))

const recordOf = (row: unknown) => {
  const [record] = readObject(row, () => true, allTypes).records
  if (record === undefined || !isRecord(record)) throw new Error("the sample is unreadable")
  return record
}

describe("a sample of the vendor's", () => {
  it.each(Object.entries(goldens))("of type %s becomes this event", (name, expected) => {
    const row = sample(name)
    const record = recordOf(row)
    const { raw, tags, ...data } = validated(record)
    const { conversation, op, pending, subject, type, version } = record
    const { time } = record.normalize()
    assert.deepStrictEqual(
      {
        type: type.type,
        subject,
        conversation,
        time,
        version,
        ...(pending === undefined ? {} : { pending: { type: pending.type.type, token: pending.token } }),
        data
      },
      expected
    )
    assert.deepStrictEqual([op, record.content, raw], ["upsert", row, row])
    assert.isNotEmpty(tags)
  })

  it("of a Work transcript's speaker is read from its tag", () => {
    const text = readFileSync(new URL("fixtures/transcription-speakers.txt", import.meta.url), "utf8")
    const speakers = text
      .trim()
      .split("\n\n")
      .map((tags) => ({ tags: JSON.parse(tags.slice(tags.indexOf("["))) }))
    const tags = speakers.map((speaker) => {
      const record = recordOf({ ...speaker, id: "1", type: "transcription" })
      return validated(record)["tags"]
    })
    assert.deepStrictEqual(tags, [{ speaker: "owner" }, { speaker: "external" }])
  })
})
