/** The one file that imports zod: the parts of the schema take it from here. */
import * as z from 'zod/mini';

export { z };
