import base from './playwright.config';

// Measurements, apart from the tests: `npm run perf`. Other work on the machine shows in them.
export default { ...base, testMatch: /.*\.perf\.ts/, use: { ...base.use, trace: 'off' as const } };
