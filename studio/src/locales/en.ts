// Every area of the studio in English: one file each.
export default import.meta.glob<Record<string, unknown>>('./en/*.json', { eager: true, import: 'default' });
