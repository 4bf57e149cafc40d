/** A number as it is printed. */
export const rounded = (value: number, digits: number): number => Number(value.toFixed(digits))
