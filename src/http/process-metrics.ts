import cluster from 'node:cluster';
import {
  AggregatorRegistry,
  type MetricObjectWithValues,
  type MetricValue,
  type Registry,
} from 'prom-client';

/** The metrics of one process, as it sends them to its parent. */
type Metrics = MetricObjectWithValues<MetricValue<string>>[];

interface Question {
  readonly ask: 'metrics';
  readonly id: number;
}

interface Answer {
  readonly answer: 'metrics';
  readonly id: number;
  readonly metrics: Metrics;
}

const ANSWER_MS = 3_000;

const isQuestion = (message: unknown): message is Question =>
  (message as Partial<Question> | null)?.ask === 'metrics';
const isAnswer = (message: unknown): message is Answer =>
  (message as Partial<Answer> | null)?.answer === 'metrics';

/** Answers the parent's questions with this process's metrics; for a child of the cluster. */
export function answerForMetrics(registry: Registry): void {
  process.on('message', (message: unknown) => {
    if (!isQuestion(message)) return;
    void registry.getMetricsAsJSON().then((metrics) => {
      process.send?.({ answer: 'metrics', id: message.id, metrics } satisfies Answer);
    });
  });
}

/** Builds the reader of the metrics of all processes together; for the parent. A child that does not answer is left out. */
export function createProcessMetrics(own: Registry | undefined): () => Promise<string> {
  let lastId = 0;

  const askChild = (child: NonNullable<typeof cluster.worker>, id: number): Promise<Metrics | undefined> =>
    new Promise((resolve) => {
      const done = (metrics: Metrics | undefined) => {
        clearTimeout(timer);
        child.off('message', onMessage);
        resolve(metrics);
      };
      const onMessage = (message: unknown) => {
        if (isAnswer(message) && message.id === id) done(message.metrics);
      };
      const timer = setTimeout(() => done(undefined), ANSWER_MS);
      child.on('message', onMessage);
      child.send({ ask: 'metrics', id } satisfies Question, (error) => {
        if (error !== null) done(undefined);
      });
    });

  return async () => {
    lastId += 1;
    const id = lastId;
    const children = Object.values(cluster.workers ?? {}).filter((child) => child !== undefined);
    const answers = await Promise.all(children.map((child) => askChild(child, id)));
    const all = answers.filter((metrics) => metrics !== undefined);
    if (own !== undefined) all.push(await own.getMetricsAsJSON());
    return AggregatorRegistry.aggregate(all).metrics();
  };
}
