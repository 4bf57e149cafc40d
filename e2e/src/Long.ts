/** Whether many more kills are asked for than anybody wants to wait for: `./run test --long`. */
export const long = process.env["CALLSTREAM_LONG"] !== undefined
