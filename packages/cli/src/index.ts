export { pipeline } from "./Pipeline.ts"
export type {
  ForeignSettings,
  PipelineSettings,
  SinkOptions,
  SinkSettings,
  SourceSettings,
  StepSettings
} from "./Pipeline.ts"
