/** Must equal the version in package.json (a test checks it): reading the file takes time, and bundling moves it. */
export const VERSION = '0.1.0';
