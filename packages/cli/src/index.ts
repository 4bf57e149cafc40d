export { pipeline, use } from "./Pipeline.ts"
export type {
  ForeignSettings,
  PipelineSettings,
  SinkOptions,
  SinkSettings,
  SourceSettings,
  StepSettings,
  Used
} from "./Pipeline.ts"
