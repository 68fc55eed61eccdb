/** Why the embedded Postgres can't run: a sentence that tells the operator what to do. */
export class EmbeddedPostgresError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'EmbeddedPostgresError';
  }
}

/** Another Rollcall runs on the data, or has just begun to. */
export class DataInUse extends EmbeddedPostgresError {}
