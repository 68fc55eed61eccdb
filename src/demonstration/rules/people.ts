/** Someone who is made up. */
export interface MadeUpPerson {
  readonly given: string;
  readonly family: string;
  /** Their address, at the domain of the demonstration. */
  readonly email: string;
  readonly department: Department;
  readonly title: string;
}

/** No one can have an address in it (RFC 6761). */
export const DOMAIN = 'halden-instruments.example';
export const ORGANIZATION = 'Halden Instruments (demonstration)';

export const DEPARTMENTS = [
  'Engineering',
  'Sales',
  'Customer support',
  'Finance',
  'People',
  'Laboratory',
] as const;
export type Department = (typeof DEPARTMENTS)[number];

const TITLES: Readonly<Record<Department, readonly string[]>> = {
  Engineering: [
    'Software engineer',
    'Test engineer',
    'Firmware engineer',
    'Staff engineer',
    'Technical writer',
  ],
  Sales: ['Account manager', 'Sales engineer', 'Regional manager', 'Sales assistant'],
  'Customer support': ['Support specialist', 'Support engineer', 'Support team lead'],
  Finance: ['Accountant', 'Controller', 'Payroll specialist'],
  People: ['People partner', 'Recruiter', 'Learning coordinator'],
  Laboratory: ['Calibration technician', 'Metrologist', 'Laboratory manager', 'Optics engineer'],
};

/** Given name, family name, and the ASCII beginning of the address where it does not follow from them. */
const OKTA: readonly (readonly [given: string, family: string, address?: string])[] = [
  ['Jonas', 'Lindqvist'],
  ['Agnieszka', 'Wiśniewska', 'agnieszka.wisniewska'],
  ['Priya', 'Raghunathan'],
  ['Tomás', 'Echeverría', 'tomas.echeverria'],
  ['ليلى', 'حداد', 'layla.haddad'],
  ['Nguyễn', 'Minh Khai', 'khai.nguyen'],
  ['Kwame', 'Boateng'],
  ['Sigríður', 'Jónsdóttir', 'sigridur.jonsdottir'],
  ['Hiroshi', 'Tanaka'],
  ['Maria João', 'da Conceição de Albuquerque e Vasconcelos', 'maria.vasconcelos'],
  ['Oleksandr', 'Kovalenko'],
  ['Chiamaka', 'Nwosu'],
  ['李', '静怡', 'jingyi.li'],
  ['Fatima', 'El Amrani', 'fatima.elamrani'],
  ['Lars', 'Bjørnstad', 'lars.bjornstad'],
  ['Georgios', 'Papadopoulos'],
  ['Ana', 'Kovač', 'ana.kovac'],
  ['Rohan', 'Deshpande'],
  ['Siobhán', 'Ní Bhriain', 'siobhan.nibhriain'],
  ['Matteo', 'Ferrari'],
  ['Zeynep', 'Yılmaz', 'zeynep.yilmaz'],
  ['Camille', 'Lefèvre', 'camille.lefevre'],
  ['Dmitri', 'Volkov'],
  ['Aroha', 'Ngata'],
  ['Benedikt', 'Hofmeister'],
  ['김', '서연', 'seoyeon.kim'],
  ['Tendai', 'Moyo'],
  ['Ingrid', 'Solberg'],
  ['Rafael', 'Oliveira'],
  ['Yuki', 'Nakamura'],
  ['Hannah', 'Goldstein'],
  ['Samuel', 'Okonkwo'],
  ['Petra', 'Novotná', 'petra.novotna'],
  ['Jean-Baptiste', 'Mukendi'],
  ['Aino', 'Virtanen'],
  ['Miguel Ángel', 'Rodríguez Peña', 'miguel.rodriguez'],
  ['Thandiwe', 'Dlamini'],
  ['Wei', 'Zhang'],
  ['Katarzyna', 'Mazur'],
  ['Omar', 'Farouk'],
  ['Elif', 'Demir'],
  ['Pieter', 'van den Berg', 'pieter.vandenberg'],
  ['Niamh', "O'Sullivan", 'niamh.osullivan'],
  ['Arjun', 'Patel'],
  ['Lucía', 'Fernández', 'lucia.fernandez'],
  ['Marek', 'Horvát', 'marek.horvat'],
  ['Amelie', 'Schneider'],
  ['Kofi', 'Mensah'],
  ['Sakura', 'Ito'],
  ['Viktor', 'Nilsson'],
  ['Beatriz', 'Carvalho'],
  ['Emeka', 'Eze'],
  ['Ioana', 'Popescu'],
  ['Mohammed', 'Al-Sayed', 'mohammed.alsayed'],
  ['Freja', 'Christensen'],
  ['Nikhil', 'Banerjee'],
  ['Gabriela', 'Muñoz', 'gabriela.munoz'],
  ['Anders', 'Dahl'],
  ['Mei Ling', 'Tan', 'meiling.tan'],
  ['Florian', 'Bauer'],
  ['Adaeze', 'Obi'],
  ['Rūta', 'Kazlauskaitė', 'ruta.kazlauskaite'],
  ['Carlos', 'Mendoza'],
  ['Noor', 'Jansen'],
  ['Ruth', 'Achieng'],
  ['Stefan', 'Ivanov'],
  ['Linnea', 'Ekström', 'linnea.ekstrom'],
  ['Tariq', 'Mahmood'],
];

/** Those of the laboratory and its partners, whom Entra ID provisions. */
const ENTRA: readonly (readonly [given: string, family: string, address?: string])[] = [
  ['Dagmar', 'Reinholt'],
  ['Bohdan', 'Shevchenko'],
  ['Isabel', 'Quintero'],
  ['Haruto', 'Watanabe'],
  ['Margit', 'Szabó', 'margit.szabo'],
  ['Ethan', 'Whitfield'],
  ['Anjali', 'Menon'],
  ['Luca', 'Bianchi'],
  ['Astrid', 'Holm'],
  ['Babak', 'Rahimi'],
  ['Nia', 'Davies'],
  ['Pavel', 'Dvořák', 'pavel.dvorak'],
  ['Simone', 'Girard'],
  ['Temitope', 'Adeyemi'],
  ['Ulrike', 'Brandt'],
  ['Wanjiru', 'Kamau'],
  ['Xavier', 'Roussel'],
  ['Yael', 'Ben-David', 'yael.bendavid'],
  ['Zoltán', 'Kiss', 'zoltan.kiss'],
  ['Clara', 'Hoffmann'],
  ['Diego', 'Salazar'],
  ['Eun-ji', 'Park', 'eunji.park'],
  ['Filip', 'Nowak'],
  ['Greta', 'Lund'],
  ['Hugo', 'Martins'],
  ['Irina', 'Petrova'],
];

/** Known to no directory: administrators, and guests who were invited. */
export const INVITED = {
  admin: ['Marta', 'Ellingsen', 'marta.ellingsen'],
  secondAdmin: ['Devon', 'Achterberg', 'devon.achterberg'],
  support: ['Rosalind', 'Mbeki', 'rosalind.mbeki'],
  auditor: ['Colette', 'Fontaine', 'colette.fontaine'],
  contractor: ['Piotr', 'Zieliński', 'piotr.zielinski'],
  locked: ['Gustav', 'Aalto', 'gustav.aalto'],
} as const;

export const OWNER = {
  name: 'Sunniva Haldorsen',
  email: `sunniva.haldorsen@${DOMAIN}`,
} as const;

export const peopleOfOkta: readonly MadeUpPerson[] = OKTA.map((person, at) =>
  toPerson(person, DEPARTMENTS[at % 5] as Department, at),
);
export const peopleOfEntra: readonly MadeUpPerson[] = ENTRA.map((person, at) =>
  toPerson(person, 'Laboratory', at),
);

function toPerson(
  [given, family, address]: (typeof OKTA)[number],
  department: Department,
  at: number,
): MadeUpPerson {
  const titles = TITLES[department];
  return {
    given,
    family,
    email: `${address ?? `${given}.${family}`.toLowerCase()}@${DOMAIN}`,
    department,
    title: titles[Math.floor(at / 5) % titles.length] as string,
  };
}

/** Numbers from 0 to 1 that are the same every time (mulberry32). */
export function createRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
