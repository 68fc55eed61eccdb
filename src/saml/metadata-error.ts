/** Why a provider's metadata or certificate can't be accepted, as a sentence for the administrator that says what to do. */
export class MetadataError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'MetadataError';
  }
}
