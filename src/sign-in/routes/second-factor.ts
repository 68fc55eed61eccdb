import { z } from 'zod';
import { type Route, route } from '../../rest/route.ts';
import { proof } from '../../rest/shapes.ts';
import type { SignInCommands } from '../commands.ts';
import type { SecondFactorCommands } from '../second-factor.ts';

export interface SecondFactorDependencies {
  readonly signIn: SignInCommands;
  readonly secondFactor: SecondFactorCommands;
}

/** The authenticator app of one's own account (RFC 6238). */
export function secondFactorRoutes({ signIn, secondFactor }: SecondFactorDependencies): Route[] {
  const shared = { tag: 'Me', access: 'signed in', sessionOnly: true } as const;
  const proofErrors = ['password_invalid', 'step_up_required', 'throttled'] as const;
  return [
    route({
      ...shared,
      method: 'POST',
      path: '/me/totp',
      summary: 'Add an authenticator app',
      description: 'It takes effect once POST /me/totp/confirm has accepted one of its codes.',
      body: z.strictObject(proof),
      answers: {
        200: z.object({
          secret: z.string().meta({ description: 'Base32, to type where no picture can be read.' }),
          uri: z.string().meta({ description: 'otpauth://, to show as a QR code.' }),
        }),
      },
      errors: [...proofErrors, 'already_enrolled'],
      handle: async ({ by, body, client }) => {
        const proven = await signIn.prove(by, body, client);
        return { status: 200, body: await secondFactor.enrol(proven) };
      },
    }),
    route({
      ...shared,
      method: 'POST',
      path: '/me/totp/confirm',
      summary: 'Confirm an authenticator app',
      description: 'The recovery codes are shown once; each signs in once.',
      body: z.strictObject({ code: z.string().trim().max(64) }),
      answers: { 200: z.object({ recoveryCodes: z.array(z.string()) }) },
      errors: ['not_enrolled', 'code_invalid'],
      handle: async ({ by, body }) => ({
        status: 200,
        body: { recoveryCodes: await secondFactor.confirm(by, body.code) },
      }),
    }),
    route({
      ...shared,
      method: 'DELETE',
      path: '/me/totp',
      summary: 'Remove the authenticator app',
      body: z.strictObject(proof),
      answers: { 204: 'nothing' },
      errors: [...proofErrors, 'not_enrolled'],
      handle: async ({ by, body, client }) => {
        const proven = await signIn.prove(by, body, client);
        await secondFactor.disable(proven);
        return { status: 204 };
      },
    }),
  ];
}
