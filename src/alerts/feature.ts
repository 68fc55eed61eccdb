import type { Core } from '../core.ts';
import { createAlerts } from './commands.ts';
import { createDetection } from './detection.ts';
import { alertJobs } from './jobs.ts';
import { alertRuleRoutes } from './routes/alert-rules.ts';
import { alertRoutes } from './routes/alerts.ts';
import { workingHoursRoutes } from './routes/working-hours.ts';
import { createAlertTelling } from './telling.ts';
import { createRuleTrial } from './trial.ts';
import { createWorkingHours } from './working-hours.ts';

/** What is unusual. */
export function alertsFeature(core: Core) {
  const detection = createDetection(core);
  const tellOfAlerts = createAlertTelling(core);
  const alerts = createAlerts(core);
  return {
    detection,
    tellOfAlerts,
    routes: [
      ...alertRoutes({ alerts }),
      ...alertRuleRoutes({ alerts, tryRules: createRuleTrial(core) }),
      ...workingHoursRoutes({ workingHours: createWorkingHours(core) }),
    ],
    jobs: alertJobs(detection, tellOfAlerts),
  };
}
