/** Equal to package.json's, which a test checks: reading that file would cost time and a path that bundling moves. */
export const VERSION = '0.1.0';
