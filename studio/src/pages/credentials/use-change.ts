import { changeCredential, type CredentialChangeBody, type CredentialView } from '@latchkey/client';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { ok } from '@/api/http';

/** Changes what is said of the credential, and brings everything that shows it up to date. */
export function useChange(credential: CredentialView, onDone: () => void) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (body: CredentialChangeBody) => ok(changeCredential({ path: { id: credential.id }, body })),
    onSuccess: async () => {
      await Promise.all([client.invalidateQueries({ queryKey: ['credentials'] }), client.invalidateQueries({ queryKey: ['resolve'] })]);
      onDone();
    },
  });
}
