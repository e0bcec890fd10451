/** What a `User-Agent` says about a device, in names that people know. */
export interface Device {
  /** "Firefox", or the name of a program; undefined if it says nothing. */
  browser?: string
  /** "Windows", "Android", … */
  system?: string
  kind: 'computer' | 'phone' | 'program'
}

// In this order: most browsers also name the ones that they are made from.
const BROWSERS: [RegExp, string][] = [
  [/\bEdg(?:e|A|iOS)?\//, 'Edge'],
  [/\b(?:OPR|OPT|Opera)\//, 'Opera'],
  [/\bSamsungBrowser\//, 'Samsung Internet'],
  [/\bVivaldi\//, 'Vivaldi'],
  [/\b(?:Firefox|FxiOS)\//, 'Firefox'],
  [/\bHeadlessChrome\//, 'Headless Chrome'],
  [/\b(?:Chrome|CriOS|Chromium)\//, 'Chrome'],
  [/\bSafari\//, 'Safari'],
]

const SYSTEMS: [RegExp, string][] = [
  [/\biPhone\b/, 'iPhone'],
  [/\biPad\b/, 'iPad'],
  [/\bAndroid\b/, 'Android'],
  [/\bWindows\b/, 'Windows'],
  [/\bCrOS\b/, 'ChromeOS'],
  [/\bMac ?OS X\b|\bMacintosh\b/, 'macOS'],
  [/\bLinux\b|\bX11\b/, 'Linux'],
]

const first = (list: [RegExp, string][], text: string) => list.find(([pattern]) => pattern.test(text))?.[1]

/** Returns the device that a `User-Agent` names. */
export function deviceOf(userAgent: string): Device {
  const browser = userAgent.startsWith('Mozilla/') ? first(BROWSERS, userAgent) : undefined
  const system = first(SYSTEMS, userAgent)
  // A program says "curl/8.5" or "python-requests/2.32".
  if (!browser && !system) return { browser: /^[\w .-]+?(?=\/|$)/.exec(userAgent)?.[0].trim() || undefined, kind: 'program' }
  return { browser, system, kind: /\bMobile\b|\bAndroid\b|\biPhone\b|\biPad\b/.test(userAgent) ? 'phone' : 'computer' }
}
