import { SaxesParser } from 'saxes';

const XMLNS = 'http://www.w3.org/2000/xmlns/';
const DS = 'http://www.w3.org/2000/09/xmldsig#';

/**
 * Exclusive canonicalization of the first element of a local name, written apart from the library that verifies, so
 * that the two have to agree.
 * @param prefixList of InclusiveNamespaces
 * @param dropSignature leaves out the signature that is a child of the element: the enveloped transform
 */
export function canonicalize(
  xml: string,
  local: string,
  {
    prefixList = [],
    dropSignature = false,
  }: { prefixList?: readonly string[]; dropSignature?: boolean } = {},
): string {
  const parser = new SaxesParser({ xmlns: true });
  const scopes: ReadonlyMap<string, string>[] = [new Map()];
  const rendered: ReadonlyMap<string, string>[] = [new Map()];
  let out = '';
  let depth = 0;
  let apex = 0;
  let skipped = 0;
  const writes = () => apex > 0 && skipped === 0;

  parser.on('opentag', (tag) => {
    depth += 1;
    const all = Object.values(tag.attributes);
    const scope = new Map(scopes.at(-1));
    for (const each of all)
      if (each.uri === XMLNS) scope.set(each.prefix === '' ? '' : each.local, each.value);
    scopes.push(scope);
    if (apex === 0 && out === '' && tag.local === local) apex = depth;
    if (
      apex > 0 &&
      dropSignature &&
      skipped === 0 &&
      depth === apex + 1 &&
      tag.uri === DS &&
      tag.local === 'Signature'
    ) {
      skipped = depth;
    }
    if (!writes()) return;
    const plain = all.filter((each) => each.uri !== XMLNS);
    const used = new Set([tag.prefix, ...plain.map((each) => each.prefix).filter((each) => each !== '')]);
    for (const prefix of prefixList) if (scope.has(prefix)) used.add(prefix);
    const above = new Map(rendered.at(-1));
    const declared = [...used].filter((prefix) => scope.get(prefix) !== above.get(prefix)).sort();
    for (const prefix of declared) above.set(prefix, scope.get(prefix) ?? '');
    rendered.push(above);
    const namespaces = declared.map(
      (each) => ` xmlns${each && `:${each}`}="${attributeText(scope.get(each) ?? '')}"`,
    );
    const sorted = plain.sort((a, b) => (a.uri + a.local < b.uri + b.local ? -1 : 1));
    const written = sorted.map((each) => ` ${each.name}="${attributeText(each.value)}"`);
    out += `<${tag.name}${namespaces.join('')}${written.join('')}>`;
  });
  parser.on('text', (text) => {
    if (!writes()) return;
    out += text
      .replaceAll('&', '&amp;')
      .replaceAll('<', '&lt;')
      .replaceAll('>', '&gt;')
      .replaceAll('\r', '&#xD;');
  });
  parser.on('closetag', (tag) => {
    if (writes()) {
      out += `</${tag.name}>`;
      rendered.pop();
    }
    if (skipped === depth) skipped = 0;
    if (apex === depth) apex = 0;
    scopes.pop();
    depth -= 1;
  });
  parser.write(xml).close();
  return out;
}

function attributeText(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('"', '&quot;')
    .replaceAll('\t', '&#x9;')
    .replaceAll('\n', '&#xA;')
    .replaceAll('\r', '&#xD;');
}
