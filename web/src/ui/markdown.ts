/** Turns Markdown into HTML that is safe to show. Loaded when the first text is shown. */

import DOMPurify from 'dompurify'
import { Marked, type Tokens } from 'marked'
import { MENTION, mentionsIn } from '@/tasks/mentions'

/** The level of the first headings of the text that is turned now: below those of the page. */
let firstLevel = 4
const STARTS_WITH_MENTION = new RegExp(`^${MENTION.source}`, 'i')

const escape = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;')

const marked = new Marked({
  gfm: true,
  breaks: true,
  renderer: {
    // Raw HTML is shown as it was typed.
    html: ({ text }) => escape(text),
    heading({ tokens, depth }) {
      const level = Math.min(6, firstLevel + Math.floor(depth / 3))
      return `<h${level} class="depth-${depth}">${this.parser.parseInline(tokens)}</h${level}>\n`
    },
    // An image of another site would tell it who reads. A link does not.
    image: ({ href, text }) => `<a href="${escape(href)}">${escape(text || href)}</a>`,
    checkbox: ({ checked }) => `<span class="check">${checked ? '☑' : '☐'}</span> `,
    table(token) {
      const cell = (name: 'th' | 'td', { tokens, align }: Tokens.TableCell) =>
        `<${name}${align ? ` align="${align}"` : ''}>${this.parser.parseInline(tokens)}</${name}>`
      const head = token.header.map((one) => cell('th', one)).join('')
      const body = token.rows.map((row) => `<tr>${row.map((one) => cell('td', one)).join('')}</tr>`).join('')
      return `<div class="wide" tabindex="0"><table><thead><tr>${head}</tr></thead><tbody>${body}</tbody></table></div>\n`
    },
    code: ({ text }) => `<pre tabindex="0"><code>${escape(text)}</code></pre>\n`,
  },
  extensions: [
    {
      name: 'mention',
      level: 'inline',
      start: (text) => text.indexOf('@['),
      tokenizer(text) {
        const raw = STARTS_WITH_MENTION.exec(text)?.[0]
        return raw ? { type: 'mention', raw } : undefined
      },
      renderer: ({ raw }) => `<span class="mention">@${escape(mentionsIn(raw)[0]?.name ?? '')}</span>`,
    },
  ],
})

const purifier = DOMPurify(window)
purifier.addHook('afterSanitizeAttributes', (node) => {
  if (!(node instanceof HTMLAnchorElement)) return
  node.setAttribute('rel', 'noopener nofollow')
  if (node.origin !== location.origin) node.setAttribute('target', '_blank')
})

const TAGS = ['a', 'blockquote', 'br', 'code', 'del', 'div', 'em', 'h2', 'h3', 'h4', 'h5', 'h6', 'hr', 'li', 'ol', 'p', 'pre', 'span']
  .concat(['strong', 'table', 'tbody', 'td', 'th', 'thead', 'tr', 'ul'])

/** Returns the HTML of a text, whose headings begin with this level. */
export function htmlOf(text: string, level: number) {
  firstLevel = level
  return purifier.sanitize(marked.parse(text, { async: false }), {
    ALLOWED_TAGS: TAGS,
    ALLOWED_ATTR: ['href', 'class', 'align', 'start', 'tabindex'],
    ALLOW_DATA_ATTR: false,
    RETURN_TRUSTED_TYPE: true,
  })
}
