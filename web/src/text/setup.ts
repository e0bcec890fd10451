// Unit tests see English texts.
import { allTexts, loadLanguage } from '.'

await loadLanguage()
await allTexts()
