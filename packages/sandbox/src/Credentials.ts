// What a client needs to log in, for each of the four APIs. All made up; the password has characters that break clients
// which do not encode their forms.
import { tenant } from "./Staff.ts"

export interface Credentials {
  readonly storage: { readonly clientId: string; readonly clientSecret: string }
  readonly recordings: { readonly tenant: string; readonly token: string }
  readonly recentcalls: {
    readonly region: "us"
    readonly tenantId: string
    readonly apiKey: string
    readonly token: string
  }
  readonly workanalytics: { readonly apiKey: string; readonly username: string; readonly password: string }
}

export const credentials: Credentials = {
  storage: { clientId: "sandbox_key_storage", clientSecret: "sandbox-secret-storage" },
  recordings: { tenant, token: "ac12343934687a839cf" },
  recentcalls: {
    region: "us",
    tenantId: tenant,
    apiKey: "sandbox_key_recentcalls",
    token: "11vf11vf-5e6f-1a2b-3c4d-123xxx123xxx"
  },
  workanalytics: { apiKey: "sandbox_key_work", username: "analytics@acme.example", password: "Rrnp5 QBW6&dTbx^T+P" }
}
