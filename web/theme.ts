import { createTheme, type MantineColorsTuple } from '@mantine/core';
import { t } from './messages/index.ts';

/** Ours: quiet, and far from the red and amber that mean something here. Shade 7 has 5.9:1 on white, shade 4 has 6.6:1 on dark 7. */
const pine: MantineColorsTuple = [
  '#eaf5f3',
  '#d5eae6',
  '#a9d6ce',
  '#7ac2b6',
  '#57b2a4',
  '#37a091',
  '#22887c',
  '#17706a',
  '#145f5a',
  '#0d4743',
];

const dark: MantineColorsTuple = [
  '#d3d9d9',
  '#b7c0c0',
  '#95a0a0',
  '#6c7778',
  '#465051',
  '#384142',
  '#2a3233',
  '#1d2324',
  '#171c1d',
  '#111516',
];

const SYSTEM_FONT = 'system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "Liberation Sans", sans-serif';

export const theme = createTheme({
  primaryColor: 'pine',
  primaryShade: { light: 7, dark: 7 },
  colors: { pine, dark },
  fontFamily: SYSTEM_FONT,
  headings: { fontFamily: SYSTEM_FONT, fontWeight: '600' },
  defaultRadius: 'md',
  cursorType: 'pointer',
  focusRing: 'auto',
  respectReducedMotion: true,
  components: {
    // Large enough for a finger (44 px); styles.css makes them denser where there is a mouse.
    Button: { defaultProps: { size: 'md' } },
    TextInput: { defaultProps: { size: 'md' } },
    PasswordInput: { defaultProps: { size: 'md' } },
    // ARIA permits no element in a menu that takes the focus and has no role.
    Menu: { defaultProps: { withInitialFocusPlaceholder: false } },
    Modal: {
      defaultProps: {
        centered: true,
        closeButtonProps: { 'aria-label': t('common.close') },
        // Its <header> would count as the page's.
        attributes: { header: { role: 'presentation' } },
      },
    },
  },
});
