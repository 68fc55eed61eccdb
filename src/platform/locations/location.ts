/** Where an address is, as far as the operator's files know. */
export interface Location {
  /** ISO 3166-1 alpha-2, such as `DE`. */
  readonly country: string | undefined;
  /** The number of the autonomous system that announces the address. */
  readonly asn: number | undefined;
  /** Who runs it, as the file calls them. */
  readonly asnName: string | undefined;
}

/** Where an address is; undefined if nothing is known of it. It never throws. */
export type Locate = (address: string | null | undefined) => Location | undefined;

const names = new Intl.DisplayNames(['en'], { type: 'region' });

/** The English name of a country. @param code ISO 3166-1 alpha-2 */
function countryName(code: string): string {
  return names.of(code) ?? code;
}

/** `Germany, AS3320 Deutsche Telekom AG`: what is known of a location, in words. */
export function describeLocation({ country, asn, asnName }: Location): string {
  const parts = [
    ...(country === undefined ? [] : [countryName(country)]),
    ...(asn === undefined ? [] : [asnName === undefined ? `AS${asn}` : `AS${asn} ${asnName}`]),
  ];
  return parts.join(', ');
}

/** A location as answers have it: what is not known is null. */
export function presentLocation(location: Location | undefined) {
  if (location === undefined) return null;
  const { country = null, asn = null, asnName = null } = location;
  return { country, asn, asnName };
}
