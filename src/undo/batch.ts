/** Whose changes are undone, as a caller names them. Times are ISO 8601. */
export type BatchInput =
  | { readonly connectionId: string; readonly from: string; readonly to: string }
  | { readonly importId: string }
  | { readonly requestId: string }
  | { readonly undoId: string };

export type BatchKind = 'connection' | 'import' | 'request' | 'undo';

/** A batch as it is stored: which events belong to it. */
export interface Batch {
  readonly kind: BatchKind;
  /** The connection, the import, the request or the undo. */
  readonly id: string;
  /** The span in which its events are. */
  readonly from: string;
  readonly to: string;
  /** Of what is no connection: the request under which all of it was done. */
  readonly requestId: string | null;
}

/** What lets someone undo each kind of batch, beside what each change asks. */
export const BATCH_PERMISSIONS = {
  connection: 'scim:manage',
  import: 'imports:run',
  request: 'users:manage',
  undo: 'users:manage',
} as const satisfies Record<BatchKind, string>;
