import { HtmlValidate } from 'html-validate';
import type { Page } from 'playwright-core';

const validator = new HtmlValidate({
  root: true,
  extends: ['html-validate:standard', 'html-validate:document'],
  rules: {
    // Scripts and styles come from the page's own origin, and its content security policy permits no other.
    'require-sri': 'off',
  },
});

/** Mantine renders these as div within a button or label, and has no property for another element. */
const MANTINE = /^div class="[^"]*\bmantine-(Menu-item(Section|Label|Indicator)|RadioIndicator-indicator|Switch-labelWrapper)\b/;

/** In the page: its document, without what is hidden in it, such as the page behind the lock. That is checked where it is shown. */
const SHOWN = `(() => {
  const copy = document.documentElement.cloneNode(true);
  for (const part of copy.querySelectorAll('[hidden]')) part.remove();
  return '<!doctype html>' + copy.outerHTML;
})()`;

/** What the HTML standard forbids in what a page shows, by html-validate. */
export async function markupFaults(page: Page): Promise<string[]> {
  const html = await page.evaluate<string>(SHOWN);
  const { results } = await validator.validateString(html);
  return results
    .flatMap(({ messages }) => messages)
    .filter(({ ruleId, offset }) => !(ruleId === 'element-permitted-content' && MANTINE.test(html.slice(offset))))
    .map(({ ruleId, message, offset }) => `${ruleId}: ${message}: ${html.slice(Math.max(0, offset - 1), offset + 200)}`);
}
