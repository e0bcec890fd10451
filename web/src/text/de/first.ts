/** What the first screen says. */
export default import.meta.glob<string>(['./common.ftl', './my-work.ftl'], { query: '?raw', import: 'default', eager: true })
