/**
 * Changes to what packages say of themselves, as few as can be: `cloudevents`, with which tests decode what stands on
 * topics, claims to end at Node 24 and works on 26; we install none whose claims do not fit.
 */
export const hooks = {
  readPackage: (manifest) => {
    if (manifest.name === "cloudevents") delete manifest.engines
    return manifest
  }
}
