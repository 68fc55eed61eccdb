import type { Location } from '../api/schema.d.ts';

const names = new Intl.DisplayNames(['en'], { type: 'region' });

/** The English name of a country. @param code ISO 3166-1 alpha-2 */
export const countryName = (code: string): string => names.of(code) ?? code;

/** `203.0.113.7, Germany, AS3320 Deutsche Telekom AG`: an address and what is known of where it is. */
export function addressInWords(ip: string, location: Location | null): string {
  const { country = null, asn = null, asnName = null } = location ?? {};
  const system = asn === null ? null : `AS${asn}${asnName === null ? '' : ` ${asnName}`}`;
  return [ip, country === null ? null : countryName(country), system]
    .filter((part) => part !== null)
    .join(', ');
}
