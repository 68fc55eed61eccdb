import { type CSSVariablesResolver, createTheme, type MantineColorsTuple } from '@mantine/core';
import controls from './controls.module.css';
import { COLORS, FLOATING_SHADOW } from './tokens.ts';

const petrol: MantineColorsTuple = [
  '#f1f8f8',
  '#e3f1f2',
  '#c7e3e6',
  '#a9d3d7',
  '#70cad3',
  '#57b3bd',
  '#2b8a95',
  '#0b6470',
  '#084f59',
  '#06272c',
];

const field = {
  size: 'sm',
  classNames: {
    input: controls.input,
    label: controls.label,
    description: controls.description,
    error: controls.error,
  },
} as const;

export const theme = createTheme({
  colors: { petrol },
  primaryColor: 'petrol',
  primaryShade: { light: 7, dark: 5 },
  fontFamily: '"Inter Variable", system-ui, sans-serif',
  fontFamilyMonospace: '"JetBrains Mono Variable", ui-monospace, Menlo, Consolas, monospace',
  fontSizes: { xs: '11px', sm: '13px', md: '14px', lg: '16px', xl: '18px' },
  lineHeights: { xs: '14px', sm: '20px', md: '20px', lg: '22px', xl: '24px' },
  spacing: { xs: '4px', sm: '8px', md: '12px', lg: '16px', xl: '24px' },
  radius: { xs: '4px', sm: '6px', md: '8px', lg: '12px', xl: '16px' },
  defaultRadius: 'sm',
  respectReducedMotion: true,
  cursorType: 'pointer',
  headings: {
    fontWeight: '620',
    sizes: {
      h1: { fontSize: '18px', lineHeight: '24px' },
      h2: { fontSize: '14px', lineHeight: '20px', fontWeight: '600' },
      h3: { fontSize: '12px', lineHeight: '16px', fontWeight: '560' },
    },
  },
  // Plain objects: naming the components here would load all of them with the first page.
  components: {
    Button: {
      defaultProps: { variant: 'default', size: 'sm' },
      classNames: { root: controls.button, section: controls.buttonIcon, label: controls.buttonLabel },
    },
    ActionIcon: {
      defaultProps: { variant: 'subtle', size: 30 },
      classNames: { root: controls.iconButton },
    },
    Chip: { classNames: { label: controls.chip } },
    Checkbox: {
      defaultProps: { size: 'xs' },
      classNames: {
        inner: controls.box,
        input: controls.checkbox,
        label: controls.checkboxLabel,
        description: controls.boxDescription,
      },
    },
    Drawer: { defaultProps: { closeButtonProps: { 'aria-label': 'Close' } } },
    Loader: { defaultProps: { size: 14 } },
    Menu: {
      defaultProps: { shadow: 'md', position: 'bottom-end', transitionProps: { duration: 120 } },
      classNames: { dropdown: controls.dropdown, item: controls.menuItem, label: controls.menuLabel },
    },
    Modal: {
      defaultProps: {
        centered: true,
        size: 560,
        radius: 'lg',
        transitionProps: { duration: 200, transition: 'fade' },
        closeButtonProps: { 'aria-label': 'Close' },
      },
      classNames: {
        overlay: controls.scrim,
        content: controls.dialog,
        header: controls.dialogHeader,
        title: controls.dialogTitle,
        body: controls.dialogBody,
      },
    },
    MultiSelect: {
      defaultProps: { size: 'sm' },
      classNames: { ...field.classNames, input: controls.pills, dropdown: controls.dropdown },
    },
    Notification: { classNames: { root: controls.notification, description: controls.notificationText } },
    NumberInput: {
      defaultProps: { size: 'sm' },
      classNames: { ...field.classNames, controls: controls.numberArrows },
    },
    PasswordInput: {
      defaultProps: { size: 'sm' },
      classNames: field.classNames,
    },
    Popover: { defaultProps: { shadow: 'md' }, classNames: { dropdown: controls.dropdown } },
    Radio: {
      defaultProps: { size: 'xs' },
      classNames: {
        inner: controls.box,
        radio: controls.radio,
        label: controls.checkboxLabel,
        description: controls.boxDescription,
      },
    },
    RadioGroup: { classNames: { label: controls.label, description: controls.description } },
    SegmentedControl: {
      defaultProps: { size: 'xs' },
      classNames: {
        root: controls.segments,
        indicator: controls.segmentsIndicator,
        label: controls.segmentsLabel,
      },
    },
    Select: {
      defaultProps: { size: 'sm', checkIconPosition: 'right' },
      classNames: { ...field.classNames, dropdown: controls.dropdown },
    },
    Switch: {
      defaultProps: { size: 'sm', withThumbIndicator: false },
      classNames: { track: controls.track, thumb: controls.thumb, description: controls.boxDescription },
    },
    Stepper: { classNames: { stepIcon: controls.stepIcon, separator: controls.stepLine } },
    Tabs: { classNames: { list: controls.tabs, tab: controls.tab } },
    TagsInput: { defaultProps: { size: 'sm' }, classNames: { ...field.classNames, input: controls.pills } },
    Textarea: { defaultProps: { size: 'sm', autosize: true, minRows: 2 }, classNames: field.classNames },
    TextInput: { defaultProps: { size: 'sm' }, classNames: field.classNames },
    Tooltip: {
      defaultProps: {
        multiline: true,
        maw: 280,
        openDelay: 200,
        events: { hover: true, focus: true, touch: true },
      },
      classNames: { tooltip: controls.tooltip },
    },
  },
});

const variables = (index: 0 | 1): Record<string, string> => ({
  ...Object.fromEntries(Object.entries(COLORS).map(([name, pair]) => [`--${name}`, pair[index]])),
  '--floating-shadow': FLOATING_SHADOW[index],
  '--mantine-color-body': 'var(--paper)',
  '--mantine-color-text': 'var(--ink)',
  '--mantine-color-dimmed': 'var(--muted)',
  '--mantine-color-placeholder': 'var(--muted)',
  '--mantine-color-error': 'var(--danger)',
  '--mantine-color-anchor': 'var(--accent)',
  '--mantine-color-default': 'var(--paper)',
  '--mantine-color-default-hover': 'var(--wash)',
  '--mantine-color-default-color': 'var(--ink)',
  '--mantine-color-default-border': 'var(--edge)',
  '--mantine-color-disabled': 'var(--sunk)',
  '--mantine-color-disabled-color': 'var(--muted)',
  '--mantine-color-disabled-border': 'var(--line)',
  '--mantine-shadow-md': 'var(--floating-shadow)',
  '--mantine-shadow-xl': 'var(--floating-shadow)',
});

export const cssVariablesResolver: CSSVariablesResolver = () => ({
  variables: {},
  light: variables(0),
  dark: variables(1),
});
