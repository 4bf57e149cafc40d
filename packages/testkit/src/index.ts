export { assertHeld, changedSince, type Expectation, type Expected, expectedOf, fieldsOf } from "./Comparison.ts"
export { entityOf } from "./RememberingSink.ts"
export { farSide } from "./FarSide.ts"
export { onSandbox, type SourceOnSandbox } from "./OnSandbox.ts"
export { searchConformance, searchedTypes, type SearchUnderTest } from "./searchConformance.ts"
export {
  type Cut,
  gapsOf,
  heldData,
  type Letter,
  makeRig,
  type Process,
  type ProcessOptions,
  type Rig,
  type Settings,
  until
} from "./Rig.ts"
export { sinkConformance, type SinkUnderTest } from "./sinkConformance.ts"
export { sourceConformance } from "./sourceConformance.ts"
export { type SourceUnderTest, timing } from "./SourceUnderTest.ts"
export {
  allTypes,
  type Checked,
  checkLines,
  day,
  decodeSettings,
  everything,
  fetchPending,
  isRecord,
  kindOfFailure,
  now,
  type Opened,
  openStream,
  openStreams,
  recordsOf,
  run,
  sandboxSettings,
  startSandbox,
  validated,
  walk,
  walkAll,
  walkOnly,
  type Walked,
  type WalkedRow
} from "./SourceHarness.ts"
export { sampleEvent, stepConformance, type StepUnderTest } from "./stepConformance.ts"
export type { StartVendor, Vendor, VendorOptions } from "./Vendor.ts"
