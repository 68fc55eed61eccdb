/** What a field means, and a value that it may have. */
export type FieldDescription = readonly [description: string, example?: unknown];

export const ID = '019a0f3c-7d2e-7c51-9b1a-3f2a6d0c8e41';
export const TIME = '2026-11-28T09:30:00.000Z';
