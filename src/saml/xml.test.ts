import { expect, test } from '@jest/globals';
import { SsoError } from '../sso/sso-error.ts';
import { attribute, child, children, MESSAGE_LIMITS, parseXml, textOf } from './xml.ts';

function refusal(text: string, limits = MESSAGE_LIMITS): string {
  try {
    parseXml(text, limits);
  } catch (error) {
    if (error instanceof SsoError) return error.reason;
    throw error;
  }
  return 'accepted';
}

test('elements, attributes and text are read by namespace', () => {
  const root = parseXml(
    '<?xml version="1.0" encoding="UTF-8"?>\n<a:r xmlns:a="urn:a" xmlns="urn:b" ID="1" a:x="2">one<c> t&amp;\r\n </c>two<c/></a:r>\n',
  );
  expect([root.name, root.local, root.uri, root.text]).toEqual(['a:r', 'r', 'urn:a', 'onetwo']);
  expect([...root.attributes]).toEqual([
    ['ID', '1'],
    ['{urn:a}x', '2'],
  ]);
  expect(Object.fromEntries(root.declarations)).toEqual({ a: 'urn:a', '': 'urn:b' });
  expect(children(root, 'urn:b', 'c').map(textOf)).toEqual(['t&', '']);
  expect(attribute(root, 'x')).toBeUndefined();
  expect(child(root, 'urn:a', 'c')).toBeUndefined();
  expect(() => child(root, 'urn:b', 'c')).toThrow(SsoError);
});

test('offsets cut every element out of the text', () => {
  const text = '<?xml version="1.0"?> <a xmlns="urn:a">x<b\r\n q="&lt;>"/><b >ü😀</b\n></a> ';
  const root = parseXml(text);
  expect(text.slice(root.start, root.end)).toBe(text.slice(22, -1));
  expect(root.children.map((each) => text.slice(each.start, each.end))).toEqual([
    '<b\r\n q="&lt;>"/>',
    '<b >ü😀</b\n>',
  ]);
});

const FORBIDDEN: Readonly<Record<string, string>> = {
  'a DOCTYPE': '<!DOCTYPE a><a/>',
  'an entity': '<!DOCTYPE a [<!ENTITY e "x">]><a>&e;</a>',
  'a comment': '<a>b<!-- -->c</a>',
  CDATA: '<a><![CDATA[b]]></a>',
  'a processing instruction': '<a>b<?p c?></a>',
  'a processing instruction before the root': '<?p c?><a/>',
  'a style sheet': '<?xml version="1.0"?><?xml-stylesheet href="x"?><a/>',
  'XML 1.1': '<?xml version="1.1"?><a/>',
  'UTF-16': '<?xml version="1.0" encoding="UTF-16"?><a/>',
  'a relative namespace': '<a xmlns:b="c"/>',
  'no namespace': '<a xmlns="urn:a"><b xmlns=""/></a>',
  'a name that is not ASCII': '<é/>',
  'an attribute that is not ASCII': '<a é=""/>',
  'a local name that begins with a digit': '<a xmlns:b="urn:b" b:1=""/>',
  'a namespace of 257 characters': `<a xmlns="urn:${'a'.repeat(253)}"/>`,
  'a namespace with white space': '<a xmlns=" urn:a"/>',
};

test.each(Object.entries(FORBIDDEN))('%s is forbidden', (_, text) => {
  expect(refusal(text)).toBe('xml_forbidden');
});

const MALFORMED: Readonly<Record<string, string>> = {
  nothing: '',
  'white space': '  ',
  'two roots': '<a/><a/>',
  'text before the root': 'x<a/>',
  'text after the root': '<a/>x',
  'an unbound prefix': '<a:b/>',
  'an unbound prefix of an attribute': '<b a:c=""/>',
  'an undefined entity': '<a>&e;</a>',
  'a control character': '<a>\u0001</a>',
  'a reference to a control character': '<a>&#1;</a>',
  'an attribute twice': '<a b="" b=""/>',
  'an attribute twice by namespace': '<a xmlns:b="urn:a" xmlns:c="urn:a" b:d="" c:d=""/>',
  'an unclosed element': '<a><b></b>',
  'junk in an end tag': '<a></a b="c">',
  'crossed tags': '<a><b></a></b>',
  'a byte order mark': '\uFEFF<a/>',
  'half a surrogate pair': '<a>\uD83D</a>',
  'an unquoted attribute': '<a b=c/>',
  'the xml prefix for another namespace': '<a xmlns:xml="urn:a"/>',
  'another prefix for the xml namespace': '<a xmlns:b="http://www.w3.org/XML/1998/namespace"/>',
  'the xmlns namespace': '<a xmlns:b="http://www.w3.org/2000/xmlns/"/>',
  'a declaration behind white space': ' <?xml version="1.0"?><a/>',
  'an encoding in another place': '<?xml encoding="UTF-8" version="1.0"?><a/>',
};

test.each(Object.entries(MALFORMED))('%s is malformed', (name, text) => {
  const expected = name === 'a declaration behind white space' ? 'xml_forbidden' : 'message_malformed';
  expect(refusal(text)).toBe(expected);
});

test('what is too much is rejected at its limit, and not before', () => {
  const few = {
    depth: 3,
    elements: 4,
    attributes: 2,
    attributesInAll: 4,
    declarations: 2,
    characters: 60,
    references: 2,
  };
  const limits = { ...MESSAGE_LIMITS, ...few };
  expect(refusal('<a><b><c/></b><d/></a>', limits)).toBe('accepted');
  expect(refusal('<a><b><c/></b><d/><e/></a>', limits)).toBe('xml_forbidden');
  expect(refusal('<a><b><c><d/></c></b></a>', limits)).toBe('xml_forbidden');
  expect(refusal('<a b="" c=""/>', limits)).toBe('accepted');
  expect(refusal('<a b="" c="" d=""/>', limits)).toBe('xml_forbidden');
  expect(refusal('<a xmlns="urn:a"><b xmlns="urn:a"/><c xmlns="urn:a"/></a>', limits)).toBe('accepted');
  expect(refusal('<a xmlns="u:a"><b xmlns="u:a"><c xmlns="u:b"/></b></a>', limits)).toBe('xml_forbidden');
  expect(refusal('<a b="" c=""><b b="" c=""/></a>', limits)).toBe('accepted');
  expect(refusal('<a b="" c=""><b b="" c=""/><d b=""/></a>', limits)).toBe('xml_forbidden');
  expect(refusal('<a b="&lt;">&#65;</a>', limits)).toBe('accepted');
  expect(refusal('<a b="&lt;">&#65;&#65;</a>', limits)).toBe('xml_forbidden');
  expect(refusal(`<a>${'x'.repeat(53)}</a>`, limits)).toBe('accepted');
  expect(refusal(`<a>${'x'.repeat(54)}</a>`, limits)).toBe('message_too_large');
});

test('comments are dropped where the limits allow them, and nothing else is', () => {
  const limits = { ...MESSAGE_LIMITS, comments: true };
  expect(parseXml('<!-- a --><a>b<!-- <x/> -->c</a>', limits).text).toBe('bc');
  expect(refusal('<!DOCTYPE a><a/>', limits)).toBe('xml_forbidden');
  expect(refusal('<a><![CDATA[b]]></a>', limits)).toBe('xml_forbidden');
  expect(refusal('<a><?p?></a>', limits)).toBe('xml_forbidden');
});
