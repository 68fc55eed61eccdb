import type { LinkDecision } from './account-linking.ts';
import { SSO_REASONS, type SsoReason } from './reasons.ts';

/** What a sign-in would have come to, in words; a remedy where it would have been refused. */
export interface WouldBe {
  readonly sentence: string;
  readonly remedy: string | undefined;
}

/** @returns what a test sign-in would have done, were it not a test */
export function describeWouldBe(
  decision:
    | { readonly kind: Exclude<LinkDecision['kind'], 'refuse'> }
    | { readonly kind: 'refuse'; readonly reason: SsoReason },
): WouldBe {
  switch (decision.kind) {
    case 'admit':
      return { sentence: 'This user can sign in: they have an account here.', remedy: undefined };
    case 'create':
      return { sentence: 'When this user signs in, an account is created for them.', remedy: undefined };
    case 'confirm':
      return {
        sentence:
          'When this user signs in, they are asked to confirm by email that the account here is theirs.',
        remedy: undefined,
      };
    case 'refuse': {
      const { happened, remedy } = SSO_REASONS[decision.reason];
      return { sentence: `With the current settings this user cannot sign in. ${happened}`, remedy };
    }
  }
}
