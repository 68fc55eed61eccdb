import { Button } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { type ReactNode, useState } from 'react';
import { Code } from '../../components/code.tsx';
import { CopyButton } from '../../components/copy.tsx';
import { Tag } from '../../components/tag.tsx';
import styles from './api-reference.module.css';
import {
  type Description,
  type Field,
  fieldsOf,
  limitsOf,
  type Operation,
  type Schema,
  typeOf,
  valuesOf,
} from './description.ts';

const FIELDS_SHOWN = 40;

/** One route. */
export function OperationView({
  operation,
  description,
}: {
  readonly operation: Operation;
  readonly description: Description;
}) {
  const { method, path, summary, parameters = [], requestBody, responses } = operation;
  const body = requestBody?.content['application/json']?.schema;
  return (
    <article className={styles.operation}>
      <Link
        to="."
        search={((now: Record<string, string>) => ({ ...now, op: undefined })) as never}
        className={styles.back ?? ''}
      >
        All routes
      </Link>
      <div>
        <h2 className={styles.summary}>{summary}</h2>
        <div className="row">
          <span className={styles.method} data-method={method}>
            {method}
          </span>
          <code className={styles.path}>{path}</code>
          <CopyButton value={`${window.location.origin}/api/v1${path}`} what="address" />
        </div>
      </div>
      {operation.description !== undefined && <Text>{operation.description}</Text>}
      {operation.security?.length === 0 && <p className="muted">It needs no sign-in.</p>}
      {parameters.length > 0 && (
        <Part title="Parameters">
          <Fields
            asked
            fields={parameters.map((parameter) => ({
              key: `${parameter.in} ${parameter.name}`,
              name: parameter.name,
              depth: 0,
              type: `${typeOf(parameter.schema, description.schemas)}, ${parameter.in}`,
              required: parameter.required ?? false,
              description: parameter.description,
              values: valuesOf(parameter.schema),
              limits: limitsOf(parameter.schema),
            }))}
          />
        </Part>
      )}
      {body !== undefined && (
        <Part title="Body" beside={typeOf(body, description.schemas)}>
          <SchemaFields asked schema={body} description={description} />
        </Part>
      )}
      {Object.entries(responses).map(([status, answer]) => {
        const contents = Object.entries(answer.content ?? {});
        const schema = contents.find(([type]) => type === 'application/json')?.[1].schema;
        if (status === 'default') return null;
        return (
          <Part
            key={status}
            title={status}
            beside={
              schema === undefined
                ? contents.map(([type]) => type).join(', ')
                : typeOf(schema, description.schemas)
            }
          >
            {!status.startsWith('2') && <Text>{answer.description ?? ''}</Text>}
            {schema !== undefined && <SchemaFields schema={schema} description={description} />}
          </Part>
        );
      })}
      <Part title="With curl">
        <Code label="With curl" text={curlOf(operation)} />
      </Part>
    </article>
  );
}

function Part({
  title,
  beside,
  children,
}: {
  readonly title: string;
  readonly beside?: string;
  readonly children: ReactNode;
}) {
  return (
    <section className="stack" style={{ gap: 8 }}>
      <div className="row">
        <h3 className={styles.part}>{title}</h3>
        {beside !== undefined && beside !== '' && <span className="muted small">{beside}</span>}
      </div>
      {children}
    </section>
  );
}

/** Text in which names stand between backticks. */
function Text({ children }: { readonly children: string }) {
  return (
    <p style={{ maxWidth: '76ch', overflowWrap: 'anywhere' }}>
      {children.split('`').map((part, at) =>
        at % 2 === 1 ? (
          // biome-ignore lint/suspicious/noArrayIndexKey: parts of a text have no other name
          <code key={at}>{part}</code>
        ) : (
          part
        ),
      )}
    </p>
  );
}

function SchemaFields({
  schema,
  description,
  asked = false,
}: {
  readonly asked?: boolean;
  readonly schema: Schema;
  readonly description: Description;
}) {
  const fields = fieldsOf(schema, description.schemas);
  return fields.length === 0 ? null : <Fields fields={fields} asked={asked} />;
}

function Fields({
  fields,
  asked = false,
}: {
  readonly fields: readonly Field[];
  /** Whether it is what a request takes: then some have to be there. */
  readonly asked?: boolean;
}) {
  const [all, setAll] = useState(false);
  const shown = all ? fields : fields.slice(0, FIELDS_SHOWN);
  return (
    <>
      <dl className={styles.fields}>
        {shown.map((field) => (
          <div key={field.key}>
            <dt style={{ paddingInlineStart: field.depth * 16 }}>
              <code>{field.name}</code>
              {asked && field.required && <Tag>required</Tag>}
              <span className="muted small">{field.type}</span>
            </dt>
            <dd>
              {field.description !== undefined && <Text>{field.description}</Text>}
              {field.values.length > 0 && <Values values={field.values} />}
              {field.limits !== undefined && <p className="muted small">{field.limits}</p>}
            </dd>
          </div>
        ))}
      </dl>
      {fields.length > shown.length && (
        <div>
          <Button size="xs" onClick={() => setAll(true)}>
            Show {fields.length - shown.length} more fields
          </Button>
        </div>
      )}
    </>
  );
}

const VALUES_SHOWN = 12;

function Values({ values }: { readonly values: readonly string[] }) {
  const [all, setAll] = useState(false);
  const shown = all ? values : values.slice(0, VALUES_SHOWN);
  return (
    <p className={styles.values}>
      {shown.map((value) => (
        <code key={value}>{value}</code>
      ))}
      {values.length > shown.length && (
        <Button size="xs" variant="subtle" onClick={() => setAll(true)}>
          and {values.length - shown.length} more
        </Button>
      )}
    </p>
  );
}

/** @returns a request as one would type it */
function curlOf({ method, path, requestBody }: Operation): string {
  const lines = [
    `curl ${method === 'GET' ? '' : `-X ${method} `}"${window.location.origin}/api/v1${path}"`,
    '-H "Authorization: Bearer $ROLLCALL_KEY"',
    ...(requestBody === undefined ? [] : ['-H "Content-Type: application/json"', "-d '{ … }'"]),
  ];
  return lines.join(' \\\n  ');
}
