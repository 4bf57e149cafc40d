export { OpenSearchConfig } from "./Config.ts"
export { plugin } from "./Sink.ts"
