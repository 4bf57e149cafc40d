/** The process of decoding. */
import "effect/schema/SchemaJITCompiler/enable"
import { answering } from "./Child.ts"
import { run } from "./decode/Turns.ts"
import type { DecodeJob, DecodeMeasured } from "./Job.ts"

answering<DecodeJob, DecodeMeasured>(run)
