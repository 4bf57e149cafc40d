// A zip archive in memory, members stored without compression: enough for what the sandbox packs (under 4 GB).
import { crc32 } from "node:zlib"

export interface Member {
  readonly name: string
  /** Epoch ms. */
  readonly at: number
  readonly bytes: Buffer
}

/** MS-DOS date and time, as zip has them: two-second steps since 1980, here in UTC. */
const dosTime = (at: number): readonly [number, number] => {
  const d = new Date(at)
  const time = (d.getUTCHours() << 11) | (d.getUTCMinutes() << 5) | (d.getUTCSeconds() >> 1)
  return [time, ((d.getUTCFullYear() - 1980) << 9) | ((d.getUTCMonth() + 1) << 5) | d.getUTCDate()]
}

/** What local header and directory entry have in common: from "version needed" to "extra field length". */
const common = (member: Member, name: Buffer): Buffer => {
  const [time, date] = dosTime(member.at)
  const fields = Buffer.alloc(26)
  fields.writeUInt16LE(20, 0)
  fields.writeUInt16LE(0x0800, 2)
  fields.writeUInt16LE(time, 6)
  fields.writeUInt16LE(date, 8)
  fields.writeUInt32LE(crc32(member.bytes), 10)
  fields.writeUInt32LE(member.bytes.length, 14)
  fields.writeUInt32LE(member.bytes.length, 18)
  fields.writeUInt16LE(name.length, 22)
  return fields
}

/** The archive's bytes. Names are UTF-8. */
export const zip = (members: ReadonlyArray<Member>): Buffer => {
  const files: Array<Buffer> = []
  const directory: Array<Buffer> = []
  let offset = 0
  for (const member of members) {
    const name = Buffer.from(member.name)
    const fields = common(member, name)
    const entry = Buffer.alloc(14)
    entry.writeUInt32LE(offset, 10)
    files.push(Buffer.from("PK\u0003\u0004"), fields, name, member.bytes)
    directory.push(Buffer.from("PK\u0001\u0002\u0014\u0000"), fields, entry, name)
    offset += 4 + fields.length + name.length + member.bytes.length
  }
  const size = directory.reduce((sum, { length }) => sum + length, 0)
  const end = Buffer.alloc(22)
  end.write("PK\u0005\u0006")
  end.writeUInt16LE(members.length, 8)
  end.writeUInt16LE(members.length, 10)
  end.writeUInt32LE(size, 12)
  end.writeUInt32LE(offset, 16)
  return Buffer.concat([...files, ...directory, end])
}
