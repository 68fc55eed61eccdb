/** Why nothing was answered. The message is for the owner of the address and tells nothing of our network. */
export class OutboundError extends Error {
  readonly reason: 'refused' | 'unresolved' | 'timeout' | 'stopped' | 'too_large' | 'failed';

  constructor(reason: OutboundError['reason'], message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'OutboundError';
    this.reason = reason;
  }
}
