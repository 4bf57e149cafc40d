/** The process of decoding. */
import "effect/schema/SchemaJITCompiler/enable"
import { answering } from "./Child.ts"
import { run } from "./decode/Turns.ts"

answering(run)
