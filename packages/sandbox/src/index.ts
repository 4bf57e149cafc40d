export type { BulkOptions } from "./Bulk.ts"
export type { CallTime, Company } from "./Company.ts"
export type { Changes } from "./Changes.ts"
export type { Credentials } from "./Credentials.ts"
export type { Fault, FaultKind, Faults } from "./Faults.ts"
export { defaultKnobs } from "./Knobs.ts"
export type { ApiName, Knobs, RateLimit } from "./Knobs.ts"
export type {
  CallLeg,
  CallRecord,
  ChatMessage,
  ChatTranscript,
  MetaData,
  ObjectState,
  RecentCall,
  RecordingFile,
  StoredObject,
  Tag,
  WorkValue,
  WrapUpCode
} from "./Records.ts"
export type { Api, Ask, Reply } from "./Http.ts"
export { SandboxFailed } from "./Listening.ts"
export { start } from "./Sandbox.ts"
export type { BaseUrls, Sandbox, SandboxOptions } from "./Sandbox.ts"
export type { RequestLog } from "./Server.ts"
export { serve } from "./Serve.ts"
export type { Served, ServeOptions } from "./Serve.ts"
export type { StreamName, Truth } from "./Truth.ts"
