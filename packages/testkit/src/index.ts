export { sinkConformance, type SinkUnderTest } from "./sinkConformance.ts"
