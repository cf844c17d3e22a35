/** Specs that are not run on this backend, by a part of their full name, and why. */
export const excluded = [];
