import { truncate } from '../../platform/truncate.ts';
import { isDeceptive, trimBlanks } from '../../saml/xml.ts';
import type { Provisioning } from '../settings.ts';
import { SsoError } from '../sso-error.ts';

/** An attribute of an assertion, or a claim. */
export interface IdpAttribute {
  readonly name: string;
  readonly friendlyName: string | undefined;
  readonly values: readonly string[];
}

/** What the connection's settings find in it. */
export interface MappedAttributes {
  readonly email: string | undefined;
  readonly name: string | undefined;
  readonly externalId: string | undefined;
  /** Undefined if the provider sent no groups. */
  readonly groups: readonly string[] | undefined;
}

/** Names that mean the same: who calls for one of a line gets what is sent under another of it (R50). */
const SAME: readonly (readonly string[])[] = [
  [
    'email',
    'mail',
    'emailAddress',
    'emailaddress',
    'urn:oid:0.9.2342.19200300.100.1.3',
    'http://schemas.xmlsoap.org/ws/2005/05/identity/claims/emailaddress',
  ],
  [
    'displayName',
    'displayname',
    'name',
    'cn',
    'urn:oid:2.16.840.1.113730.3.1.241',
    'urn:oid:2.5.4.3',
    'http://schemas.microsoft.com/identity/claims/displayname',
  ],
  [
    'memberOf',
    'groups',
    'isMemberOf',
    'urn:oid:1.3.6.1.4.1.5923.1.5.1.1',
    'http://schemas.microsoft.com/ws/2008/06/identity/claims/groups',
    'http://schemas.xmlsoap.org/claims/Group',
  ],
  ['oid', 'objectidentifier', 'http://schemas.microsoft.com/identity/claims/objectidentifier'],
];

/**
 * Finds what the settings name: by the exact name, else by the friendly name, else by a synonym. Repeated
 * attributes are merged.
 * @returns undefined if there is no such attribute
 */
function valuesOf(present: readonly IdpAttribute[], wanted: string): readonly string[] | undefined {
  const found = attributesOf(present, wanted);
  return found.length === 0 ? undefined : [...new Set(found.flatMap(({ values }) => values))];
}

/** The attributes that the settings mean by a name, as `valuesOf` finds them. */
function attributesOf(present: readonly IdpAttribute[], wanted: string): readonly IdpAttribute[] {
  const line = SAME.find((names) => names.includes(wanted)) ?? [];
  const levels = [
    ({ name }: IdpAttribute) => name === wanted,
    ({ friendlyName }: IdpAttribute) => friendlyName === wanted,
    ({ name, friendlyName }: IdpAttribute) =>
      line.includes(name) || (friendlyName !== undefined && line.includes(friendlyName)),
  ];
  for (const fits of levels) {
    const found = present.filter(fits);
    if (found.length > 0) return found;
  }
  return [];
}

/** @throws SsoError `attribute_ambiguous` for several values, and for one that could be mistaken for another */
function oneValueOf(present: readonly IdpAttribute[], wanted: string): string | undefined {
  const values = (valuesOf(present, wanted) ?? []).map(trimBlanks).filter((value) => value !== '');
  if (values.length > 1) {
    throw new SsoError('attribute_ambiguous', `The attribute "${wanted}" has ${values.length} values.`);
  }
  const [value] = values;
  if (value !== undefined && isDeceptive(value)) {
    throw new SsoError('attribute_ambiguous', `The attribute "${wanted}" has invisible characters.`);
  }
  return value;
}

/** Maps attributes by the settings of the connection (R44 to R46). @throws SsoError `attribute_ambiguous` */
export function mapAttributes(present: readonly IdpAttribute[], settings: Provisioning): MappedAttributes {
  const { emailAttribute, nameAttribute, groupAttribute, externalIdAttribute } = settings;
  return {
    email: oneValueOf(present, emailAttribute),
    name: nameAttribute === null ? undefined : nameOf(present, nameAttribute),
    externalId: externalIdAttribute === null ? undefined : oneValueOf(present, externalIdAttribute),
    groups: groupAttribute === null ? undefined : valuesOf(present, groupAttribute),
  };
}

/** A name is no reason to reject a login: several names are as good as none. */
function nameOf(present: readonly IdpAttribute[], wanted: string): string | undefined {
  const values = (valuesOf(present, wanted) ?? []).filter((value) => value.trim() !== '');
  return values.length === 1 ? values[0] : undefined;
}

/** What an administrator sees of the attributes: names whole, values masked, groups whole since they are no user's. */
export function maskAttributes(
  present: readonly IdpAttribute[],
  { emailAttribute, nameAttribute, groupAttribute, externalIdAttribute }: Provisioning,
): readonly ShownAttribute[] {
  const uses = [
    ['email', emailAttribute],
    ['name', nameAttribute],
    ['groups', groupAttribute],
    ['externalId', externalIdAttribute],
  ] as const;
  const used = uses.map(
    ([use, wanted]) => [use, wanted === null ? [] : attributesOf(present, wanted)] as const,
  );
  const groups =
    groupAttribute === null
      ? []
      : [groupAttribute, ...(SAME.find((line) => line.includes(groupAttribute)) ?? [])];
  return present.slice(0, MAX_SHOWN).map((attribute) => {
    const { name, friendlyName, values } = attribute;
    const whole = groups.includes(name) || (friendlyName !== undefined && groups.includes(friendlyName));
    const shown = values
      .slice(0, MAX_SHOWN)
      .map((value) => (whole ? truncate(value, 200) : maskValue(value)));
    const usedAs = used.filter(([, found]) => found.includes(attribute)).map(([use]) => use);
    return {
      name: truncate(name, 200),
      ...(friendlyName === undefined ? {} : { friendlyName: truncate(friendlyName, 200) }),
      values: values.length > shown.length ? [...shown, `… and ${values.length - shown.length} more`] : shown,
      ...(usedAs.length === 0 ? {} : { usedAs }),
    };
  });
}

/** An attribute as a trace shows it. */
export interface ShownAttribute {
  readonly name: string;
  readonly friendlyName?: string;
  readonly values: readonly string[];
  /** What the settings of the connection take from it; missing if nothing. */
  readonly usedAs?: readonly ('email' | 'name' | 'groups' | 'externalId')[];
}

/**
 * The groups that a trace shows, as a setting would find them.
 * @returns undefined if the provider sent none; `unknown` if the trace does not show them whole
 */
export function shownGroups(
  shown: readonly ShownAttribute[],
  wanted: string,
): readonly string[] | undefined | 'unknown' {
  const present = shown.map(({ friendlyName, ...attribute }) => ({ ...attribute, friendlyName }));
  const found = attributesOf(present, wanted) as readonly (IdpAttribute & Pick<ShownAttribute, 'usedAs'>)[];
  if (found.length === 0) return shown.length < MAX_SHOWN ? undefined : 'unknown';
  const isWhole = found.every(
    ({ usedAs, values }) => usedAs?.includes('groups') && values.length <= MAX_SHOWN,
  );
  return isWhole ? valuesOf(present, wanted) : 'unknown';
}

const MAX_SHOWN = 50;

/** The first character, and the domain of an address: enough to see what was sent, not who it is. */
export function maskValue(value: string): string {
  const at = value.lastIndexOf('@');
  const [first = ''] = value;
  return at > 0 ? `${first}…${truncate(value.slice(at), 120)}` : `${first}… (${value.length} characters)`;
}
