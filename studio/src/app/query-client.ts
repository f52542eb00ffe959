import { QueryClient } from '@tanstack/react-query';
import { onBack } from '@/api/connection';
import { ApiError } from '@/api/problem';

export const queryClient = new QueryClient({
  defaultOptions: {
    queries: {
      // A refusal stays one; a server that fails or is away may be asked again.
      retry: (count, error) => !(error instanceof ApiError && error.status < 500) && count < 2,
      retryDelay: (attempt) => 400 * 2 ** attempt,
      networkMode: 'always',
    },
    mutations: { networkMode: 'always' },
  },
});

onBack(() => void queryClient.invalidateQueries());
