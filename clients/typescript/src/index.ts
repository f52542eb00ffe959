// The client of the Latchkey API: one function for each operation, their types, and a reader of event streams.
export * from './generated';
export { client } from './generated/client.gen';
export { createClient, createConfig } from './generated/client';
export { followEvents, EventStreamError } from './sse';
export type { FollowOptions, StreamEvent } from './sse';
