export { KafkaConfig } from "./Config.ts"
export { plugin } from "./Sink.ts"
