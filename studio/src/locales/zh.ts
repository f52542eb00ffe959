// Every area of the studio in Simplified Chinese: one file each.
export default import.meta.glob<Record<string, unknown>>('./zh/*.json', { eager: true, import: 'default' });
