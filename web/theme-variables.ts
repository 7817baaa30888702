import { convertCssVariables, DEFAULT_THEME, defaultCssVariablesResolver, mergeMantineTheme } from '@mantine/core';
import { styleNonce } from './nonce.ts';
import { theme } from './theme.ts';

/** Mantine would put the theme's variables into the body, where HTML permits no style element. */
export function addThemeVariables(): void {
  const style = document.createElement('style');
  style.nonce = styleNonce;
  style.textContent = convertCssVariables(defaultCssVariablesResolver(mergeMantineTheme(DEFAULT_THEME, theme)));
  document.head.append(style);
}
