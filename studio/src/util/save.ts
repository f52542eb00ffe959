/** Offers text or bytes as a file to keep. */
export function saveFile(name: string, content: Blob | string, type = 'text/plain') {
  const blob = typeof content === 'string' ? new Blob([content], { type }) : content;
  const url = URL.createObjectURL(blob);
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}

/** A name that every file system takes. */
export const fileName = (name: string, extension: string) => `${name.trim().toLowerCase().replace(/[^\p{L}\p{N}]+/gu, '-').replace(/^-|-$/g, '') || 'workflow'}.${extension}`;

/** An answer that was asked for as text; the contract describes it by its usual type. */
export const asText = (answer: unknown): string => (typeof answer === 'string' ? answer : '');
