/** What a base URL has to be like: credentials go there. Pure: pipeline files are judged by it, too. */

/** Whether an address is on this machine. */
const isLocal = (hostname: string): boolean =>
  hostname === "localhost" || hostname === "[::1]" || /^127(\.\d{1,3}){3}$/.test(hostname)

/** The http or https URL that a text is. */
export const parse = (value: string): URL | undefined => {
  const url = URL.parse(value)
  return url !== null && (url.protocol === "https:" || url.protocol === "http:") ? url : undefined
}

/** Whether what is sent there can be read on its way, and nobody allowed it. */
export const isExposed = ({ hostname, protocol }: URL, allowHttp: boolean): boolean =>
  protocol === "http:" && !isLocal(hostname) && !allowHttp

/** Why that must not be, and what to do. */
export const exposed = {
  reason: "is not https: credentials would travel in clear text",
  remedy: "Use https, or set allowHttp: true if this network is trusted"
}
