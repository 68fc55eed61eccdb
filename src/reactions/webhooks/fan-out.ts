/** Makes deliveries of what has happened; its handler is the directory's own. */
export const WEBHOOK_FAN_OUT_JOB = 'fan_out_webhooks';
export const WEBHOOK_FAN_OUT_SECONDS = 2;
