export { LocalConfig } from "./Config.ts"
export { plugin } from "./Sink.ts"
