import type { Item, Problem, ReportView } from '@latchkey/client';

export type Changed = NonNullable<Problem['changed']>;

/** What the server said about a request that it did not do. */
export class ApiError extends Error {
  readonly status: number;
  readonly code: string;
  readonly requestId: string;
  readonly items: Item[];
  readonly report: ReportView | null;
  /** Whose change of a draft came before. */
  readonly changed: Changed | null;
  /** Seconds, from Retry-After. */
  readonly retryAfter: number | null;

  constructor(status: number, problem: Partial<Problem>, retryAfter: number | null = null) {
    super(problem.detail ?? problem.title ?? `HTTP ${status}`);
    this.name = 'ApiError';
    this.status = status;
    this.code = problem.code ?? `http_${status}`;
    this.requestId = problem.request_id ?? '';
    this.items = problem.errors ?? [];
    this.report = problem.report ?? null;
    this.changed = problem.changed ?? null;
    this.retryAfter = retryAfter;
  }
}

/** No answer at all: the server is away, or the network is. */
export class OfflineError extends Error {
  constructor() {
    super('no connection to the server');
    this.name = 'OfflineError';
  }
}

function isProblem(value: unknown): value is Partial<Problem> {
  return typeof value === 'object' && value !== null && 'code' in value;
}

export function toApiError(error: unknown, response: Response): ApiError {
  const seconds = Number(response.headers.get('retry-after'));
  return new ApiError(response.status, isProblem(error) ? error : {}, Number.isFinite(seconds) && seconds > 0 ? seconds : null);
}

export const isApiError = (error: unknown, ...codes: string[]): error is ApiError =>
  error instanceof ApiError && (codes.length === 0 || codes.includes(error.code));

export const isStatus = (error: unknown, status: number): error is ApiError => error instanceof ApiError && error.status === status;
