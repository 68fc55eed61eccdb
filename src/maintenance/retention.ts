/** For how many days what grows is kept; an operator's settings. */
export interface Retention {
  /** Whole months of events are dropped once their last day is older. */
  readonly auditDays: number;
  readonly signInDays: number;
  readonly webhookDeliveryDays: number;
  /** Whole days of the provisioning log are dropped once they are older. */
  readonly scimLogDays: number;
  readonly deadJobDays: number;
  /** Whole months of activity events are dropped once their last day is older; later events are rejected. */
  readonly activityDays: number;
  /** Closed access reviews with their items. */
  readonly reviewDays: number;
  /** States that were replaced before; history is complete since then. */
  readonly historyDays: number;
}

export const DEFAULT_RETENTION: Retention = {
  auditDays: 400,
  signInDays: 90,
  webhookDeliveryDays: 30,
  scimLogDays: 30,
  deadJobDays: 30,
  activityDays: 90,
  reviewDays: 1_100,
  historyDays: 400,
};
