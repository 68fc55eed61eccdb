import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import request from 'supertest';
import { describeApi } from '../../src/api-description.ts';
import { packageRoot } from '../../src/platform/package-root.ts';
import { startRollcall, type TestRollcall } from '../support/rollcall.ts';

let rollcall: TestRollcall;

beforeAll(async () => {
  rollcall = await startRollcall();
});
afterAll(() => rollcall.close());

describe('the description of the API', () => {
  test('openapi.json is what the routes declare: `npm run openapi` writes it', () => {
    expect(readFileSync(join(packageRoot(import.meta.url), 'openapi.json'), 'utf8')).toBe(describeApi());
  });

  test('is served, with a page to try it that asks no other user', async () => {
    const served = await request(rollcall.server).get('/api/v1/openapi.json');
    expect(served.body.openapi).toBe('3.1.0');
    const page = await request(rollcall.server).get('/api/v1/docs');
    expect(page.headers['content-security-policy']).toContain("default-src 'none'");
    for (const [, file] of page.text.matchAll(/(?:src|href)="(docs\/[^"]+)"/g)) {
      expect((await request(rollcall.server).get(`/api/v1/${file}`)).status).toBe(200);
    }
  });

  test('has a name of its own for every operation', () => {
    const { paths } = JSON.parse(describeApi()) as {
      paths: Record<string, Record<string, { operationId: string }>>;
    };
    const ids = Object.values(paths).flatMap((path) =>
      Object.values(path).map(({ operationId }) => operationId),
    );
    expect(new Set(ids).size).toBe(ids.length);
  });
});
