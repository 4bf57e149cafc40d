/** The process of one form of a sink alone. */
import "effect/schema/SchemaJITCompiler/enable"
import { answering } from "./Child.ts"
import { run } from "./SinkAlone.ts"

answering(run)
