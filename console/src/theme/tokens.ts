/** The colours of the console by what they mean, light and dark. Components name these, never a hex value. */
export const COLORS = {
  paper: ['#ffffff', '#191816'],
  wash: ['#f7f6f3', '#121110'],
  sunk: ['#f1efea', '#211f1c'],
  line: ['#e7e4de', '#2c2a26'],
  edge: ['#d2cec5', '#423f39'],
  control: ['#8a857a', '#827c70'],
  muted: ['#635e55', '#a8a296'],
  ink: ['#1c1b18', '#ece9e2'],
  accent: ['#0b6470', '#70cad3'],
  'accent-fill': ['#0b6470', '#57b3bd'],
  'accent-fill-hover': ['#084f59', '#90d8df'],
  'on-accent': ['#ffffff', '#06272c'],
  'accent-tint': ['#e3f1f2', '#14343a'],
  'accent-tint-2': ['#f1f8f8', '#172527'],
  'accent-line': ['#a9d3d7', '#27555c'],
  success: ['#3a701a', '#98cc6d'],
  'success-mark': ['#5c9c2f', '#7fb651'],
  'success-tint': ['#edf5e4', '#1f2a16'],
  warning: ['#875300', '#e6b458'],
  'warning-mark': ['#c17a00', '#d99d2b'],
  'warning-tint': ['#fcf2dd', '#2d2413'],
  'warning-line': ['#edd29a', '#57441d'],
  danger: ['#ac2a1f', '#f2988b'],
  'danger-mark': ['#d14a38', '#e3695a'],
  'danger-fill': ['#ac2a1f', '#e3695a'],
  'on-danger': ['#ffffff', '#260c08'],
  'danger-tint': ['#fceeeb', '#331b18'],
  'danger-line': ['#efc0b8', '#60302a'],
  'chart-band': ['#efece6', '#2b2924'],
  scrim: ['rgba(28, 27, 24, 0.34)', 'rgba(0, 0, 0, 0.58)'],
} as const satisfies Record<string, readonly [light: string, dark: string]>;

/** What floats has this shadow; nothing that rests has one. */
export const FLOATING_SHADOW = [
  '0 0 0 1px rgba(28, 27, 24, 0.09), 0 4px 10px -2px rgba(28, 27, 24, 0.08), 0 18px 44px -12px rgba(28, 27, 24, 0.24)',
  '0 0 0 1px #35322d, 0 18px 48px -8px rgba(0, 0, 0, 0.7)',
] as const;
