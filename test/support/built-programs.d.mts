/** Compiles the sources, unless that was done since the last of them changed; `TEST_BUILD` then names the folder. */
export function buildPrograms(): void;
