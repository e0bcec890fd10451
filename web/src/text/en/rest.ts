/** What all other screens say. */
export default import.meta.glob<string>(['./*.ftl', '!./common.ftl', '!./my-work.ftl'], {
  query: '?raw',
  import: 'default',
  eager: true,
})
