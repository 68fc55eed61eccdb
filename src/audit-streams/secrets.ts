/** Sealed for its own stream: moved into the row of another it does not open. */
export const streamKeyPurpose = (stream: string): string => `audit stream ${stream}`;
