/** Set for scenarios that run beside each other. */
export const lanesVariable = "E2E_LANES";
